package io.nexus.oauth.token.grant;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tokens that a provider gave and the database did not take yet, sealed as they will be stored. Only this replica knows them; the
 * token before may be dead already. Never blocks, never fails.
 */
@Startup
@ApplicationScoped
public class UnpersistedGrants implements ChangeFeed.Listener {

    private final ConcurrentHashMap<UUID, StoredCredential> byId = new ConcurrentHashMap<>();

    private final MeterRegistry registry;
    private final Gauge gauge;

    UnpersistedGrants(MeterRegistry registry, ChangeFeed feed) {
        feed.listen(this);
        this.registry = registry;
        this.gauge = Gauge.builder("nexus.oauth.unpersisted.tokens", byId, ConcurrentHashMap::size)
                .register(registry);
    }

    /** A gauge that stays registered would show this instance for ever after a live reload. */
    @PreDestroy
    void withdraw() {
        registry.remove(gauge);
    }

    /** Holds {@code provisional}, unless a newer one is held: its version is the one it will have. */
    public void put(StoredCredential provisional) {
        var unused = byId.merge(
                provisional.key().id(), provisional, (held, added) -> held.version() > added.version() ? held : added);
    }

    /** Lets go of what is held up to {@code version}: it is stored, or worth nothing any more. */
    public void remove(UUID id, long version) {
        var unused = byId.computeIfPresent(id, (key, held) -> held.version() > version ? held : null);
    }

    /** What is held of {@code key}. A foreign tenant's id is not found. */
    public Optional<StoredCredential> get(CredentialKey key) {
        return Optional.ofNullable(byId.get(key.id())).filter(held -> held.key().equals(key));
    }

    /** What is held of {@code account}: looks at all, which are few, and is asked only while the database is away. */
    public Optional<StoredCredential> find(AccountKey account) {
        return byId.values().stream()
                .filter(held -> held.account().equals(account))
                .findFirst();
    }

    /** What is held in the place of {@code stored}, if it is newer. */
    public Optional<StoredCredential> newerThan(StoredCredential stored) {
        StoredCredential held = byId.get(stored.key().id());
        return held == null || held.version() <= stored.version() ? Optional.empty() : Optional.of(held);
    }

    /** Somebody changed the row, so the database is there and knows best: the grant may have been revoked. */
    @Override
    public void changed(UUID id) {
        byId.remove(id);
    }

    @Override
    public void missed() {
        // what is held is about to be stored, or the journal's
    }

    /** How many are held. */
    public int size() {
        return byId.size();
    }
}
