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
 * The keys of the tenants that this process has met, about 300 bytes each. A tenant has one; it has more only when a database forgot
 * one and got it back. Whose keys were destroyed is remembered too. Safe for use by several threads; never blocks.
 */
@Singleton
public final class TenantKeys {

    private final Map<TenantId, Ring> rings = new ConcurrentHashMap<>();

    /** @param all by id, the one that seals first; empty when the tenant was shredded */
    private record Ring(Map<String, TenantKey> all) {}

    /** Whether {@code tenant}'s key is here. Throws {@link CryptoException.TenantShredded} when it was destroyed. */
    public boolean isKnown(TenantId tenant) {
        Ring ring = rings.get(tenant);
        if (ring != null && ring.all().isEmpty()) {
            throw new CryptoException.TenantShredded();
        }
        return ring != null;
    }

    /** Whether the key {@code id} of {@code tenant} is here. Throws as {@link #isKnown} does. */
    public boolean holds(TenantId tenant, String id) {
        return isKnown(tenant) && ring(tenant).all().containsKey(id);
    }

    /** A new key for {@code tenant}, to be stored and then to be learnt; until then nothing is sealed under it. */
    public static SealedTenantKey draw(TenantId tenant, SecretSealer sealer) {
        return wrap(tenant, TenantKey.random(), sealer);
    }

    /**
     * Takes the stored keys of {@code tenant}, of which the first that opens seals from now on; those that are here already stay.
     * Returns why others do not open, by their ids.
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

    /** Forgets the keys of {@code tenant} for good: nothing of it opens here from now on. True when that is news. */
    public boolean destroy(TenantId tenant) {
        // not wiped: who seals at this moment would do it under a key of zeros
        Ring before = rings.put(tenant, new Ring(Map.of()));
        return before == null || !before.all().isEmpty();
    }

    /** The tenants whose keys are here, and of those that were shredded none. */
    public List<TenantId> tenants() {
        return rings.entrySet().stream()
                .filter(each -> !each.getValue().all().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The tenants that are known to be shredded. */
    public List<TenantId> shredded() {
        return rings.entrySet().stream()
                .filter(each -> each.getValue().all().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The keys of {@code tenant}, sealed anew: for a database that forgot them. */
    public List<SealedTenantKey> wrapped(TenantId tenant, SecretSealer sealer) {
        Ring ring = rings.get(tenant);
        return ring == null
                ? List.of()
                : ring.all().values().stream()
                        .map(key -> wrap(tenant, key, sealer))
                        .toList();
    }

    /**
     * The key that seals for {@code tenant}. Throws {@link CryptoException.TenantShredded} when it was destroyed and {@link
     * CryptoException.TenantKeyAway} when it was not learnt.
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
            throw new CryptoException.TenantKeyAway();
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
