package io.nexus.oauth.token.grant;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds token responses that are not stored in the database yet, sealed as they will be stored. Only this replica knows them;
 * the previous token may already be revoked. Never blocks, never fails.
 */
@Startup
@ApplicationScoped
public class UnpersistedGrants implements ChangeFeed.Listener {

    private final ConcurrentHashMap<UUID, StoredCredential> byId = new ConcurrentHashMap<>();

    /** The attempts whose response may come, by the credential, while no change of its row was noticed. */
    private final ConcurrentHashMap<UUID, UUID> unchanged = new ConcurrentHashMap<>();

    private final MeterRegistry registry;
    private final Gauge gauge;

    UnpersistedGrants(MeterRegistry registry, ChangeFeed feed) {
        feed.listen(this);
        this.registry = registry;
        this.gauge = Gauge.builder("nexus.oauth.unpersisted.tokens", byId, ConcurrentHashMap::size)
                .register(registry);
    }

    /** After a live reload, a gauge that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        registry.remove(gauge);
    }

    /**
     * Records that a response to {@code lease} may come. If the row changes from now on, that response is not held. The result
     * records that the attempt is over.
     */
    public Runnable expect(RefreshLease lease) {
        UUID id = lease.key().id();
        unchanged.put(id, lease.attempt());
        return () -> unchanged.remove(id, lease.attempt());
    }

    /**
     * Holds {@code provisional}, the response to {@code lease}, with the version that it will get. False when the row has changed
     * since {@link #expect}, because the grant may have been revoked, or when a newer response is held.
     */
    public boolean hold(RefreshLease lease, StoredCredential provisional) {
        StoredCredential held = byId.compute(
                provisional.key().id(),
                (id, present) -> unchanged.remove(id, lease.attempt()) ? newer(present, provisional) : present);
        return provisional.equals(held);
    }

    private static StoredCredential newer(@Nullable StoredCredential held, StoredCredential added) {
        return held != null && held.version() > added.version() ? held : added;
    }

    /** Removes the held credential up to {@code version}: it is stored, or superseded. */
    public void remove(UUID id, long version) {
        var unused = byId.computeIfPresent(id, (key, held) -> held.version() > version ? held : null);
    }

    /** The held credential {@code key}. The id of another tenant's credential is not found. */
    public Optional<StoredCredential> get(CredentialKey key) {
        return Optional.ofNullable(byId.get(key.id())).filter(held -> held.key().equals(key));
    }

    /** The held credential of {@code account}. Scans all, which are few; used only while the database is unavailable. */
    public Optional<StoredCredential> find(AccountKey account) {
        return byId.values().stream()
                .filter(held -> held.account().equals(account))
                .findFirst();
    }

    /** The held credential of the same id as {@code stored}, if it is newer. */
    public Optional<StoredCredential> newerThan(StoredCredential stored) {
        StoredCredential held = byId.get(stored.key().id());
        return held == null || held.version() <= stored.version() ? Optional.empty() : Optional.of(held);
    }

    /** A change of the row shows that the database is available and newer: the grant may have been revoked. */
    @Override
    public void changed(UUID id) {
        var unused = byId.compute(id, (same, held) -> {
            unchanged.remove(id); // excludes hold(), which would bring a revoked grant back
            return null;
        });
    }

    @Override
    public void missed() {
        // held grants are stored by a running retry, or by the replay of the journal
    }

    /** The number of held credentials. */
    public int size() {
        return byId.size();
    }
}
