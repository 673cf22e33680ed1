package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.TenantId;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tenant keys that this process has loaded, about 300 bytes each. A tenant usually has one; it has more after the
 * database lost a key and got it back. Shredded tenants are remembered too. Thread-safe; never blocks.
 */
@Singleton
public final class TenantKeys {

    private final Map<TenantId, Ring> rings = new ConcurrentHashMap<>();

    /** @param all the keys by id, with the sealing key first; empty when the tenant was shredded */
    private record Ring(Map<String, TenantKey> all) {}

    /**
     * Whether a key of {@code tenant} is loaded. Throws {@link CryptoException.TenantShredded} when it was destroyed.
     */
    public boolean isKnown(TenantId tenant) {
        Ring ring = rings.get(tenant);
        if (ring != null && ring.all().isEmpty()) {
            throw new CryptoException.TenantShredded();
        }
        return ring != null;
    }

    /** Whether the key {@code id} of {@code tenant} is loaded. Throws as {@link #isKnown} does. */
    public boolean holds(TenantId tenant, String id) {
        return isKnown(tenant) && ring(tenant).all().containsKey(id);
    }

    /**
     * A new random key for {@code tenant}. The caller stores it and then passes it to {@link #learn}; until then it
     * seals nothing.
     */
    public static SealedTenantKey draw(TenantId tenant, SecretSealer sealer) {
        return wrap(tenant, TenantKey.random(), sealer);
    }

    /**
     * Loads the stored keys of {@code tenant}. The first one that decrypts seals from now on; keys that were loaded
     * before stay. Returns the failures of the others by their ids.
     */
    public Map<String, CryptoException> learn(TenantId tenant, List<SealedTenantKey> stored, SecretSealer sealer) {
        Map<String, TenantKey> all = new LinkedHashMap<>();
        Map<String, CryptoException> lost = new LinkedHashMap<>();
        for (SealedTenantKey each : stored) {
            try {
                Secret text = sealer.unseal(each.sealed(), SecretPlace.ofTenantKey(tenant, each.id()));
                all.put(each.id(), TenantKey.of(each.id(), text));
            } catch (CryptoException e) {
                lost.put(each.id(), e);
            }
        }
        if (!all.isEmpty()) {
            rings.merge(tenant, new Ring(all), (old, read) -> old.all().isEmpty() ? old : joined(read, old));
        }
        return lost;
    }

    private static Ring joined(Ring first, Ring rest) {
        Map<String, TenantKey> all = new LinkedHashMap<>(first.all());
        rest.all().forEach(all::putIfAbsent);
        return new Ring(all);
    }

    /**
     * Removes the keys of {@code tenant} for good: this process no longer decrypts its secrets. True unless they were
     * destroyed before.
     */
    public boolean destroy(TenantId tenant) {
        // not wiped: who seals at this moment would do it under a key of zeros
        Ring before = rings.put(tenant, new Ring(Map.of()));
        return before == null || !before.all().isEmpty();
    }

    /** The tenants with a loaded key, without the shredded ones. */
    public List<TenantId> tenants() {
        return rings.entrySet().stream()
                .filter(each -> !each.getValue().all().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The tenants that this process knows as shredded. */
    public List<TenantId> shredded() {
        return rings.entrySet().stream()
                .filter(each -> each.getValue().all().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The keys of {@code tenant}, sealed again, for a database that lost them. */
    public List<SealedTenantKey> wrapped(TenantId tenant, SecretSealer sealer) {
        Ring ring = rings.get(tenant);
        return ring == null
                ? List.of()
                : ring.all().values().stream()
                        .map(key -> wrap(tenant, key, sealer))
                        .toList();
    }

    /**
     * The key that seals for {@code tenant}. Throws {@link CryptoException.TenantShredded} when it was destroyed and
     * {@link CryptoException.TenantKeyUnavailable} when it is not loaded.
     */
    TenantKey sealing(TenantId tenant) {
        return ring(tenant).all().values().iterator().next();
    }

    /** The key {@code id} of {@code tenant}; throws as {@link #sealing} does, and {@link CryptoException.UnknownKey}. */
    TenantKey opening(TenantId tenant, String id) {
        TenantKey key = ring(tenant).all().get(id);
        if (key == null) {
            throw new CryptoException.UnknownKey(id);
        }
        return key;
    }

    private Ring ring(TenantId tenant) {
        Ring ring = rings.get(tenant);
        if (ring == null) {
            throw new CryptoException.TenantKeyUnavailable();
        }
        if (ring.all().isEmpty()) {
            throw new CryptoException.TenantShredded();
        }
        return ring;
    }

    private static SealedTenantKey wrap(TenantId tenant, TenantKey key, SecretSealer sealer) {
        return new SealedTenantKey(
                tenant, key.id(), sealer.sealUnderMaster(key.text(), SecretPlace.ofTenantKey(tenant, key.id())));
    }

    /** How many tenants. */
    @Override
    public String toString() {
        return "[keys of " + rings.size() + " tenants]";
    }
}
