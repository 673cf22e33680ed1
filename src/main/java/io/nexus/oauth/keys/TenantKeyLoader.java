package io.nexus.oauth.keys;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.crypto.TenantKeys;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.nexus.oauth.store.keys.TenantKeyStore;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Loads the keys of tenants from the database into memory before a secret of theirs is opened or sealed, and removes the keys
 * of shredded tenants. Non-blocking. Fails with {@link CryptoException.TenantShredded}, with another {@link CryptoException}
 * when a stored key cannot be decrypted, and with {@code StorageException}.
 */
@ApplicationScoped
public class TenantKeyLoader implements ChangeFeed.Listener {

    private static final Logger LOG = Logger.getLogger(TenantKeyLoader.class);

    private static final Uni<Void> DONE = Uni.createFrom().voidItem();

    /** How far back each replica looks for shredded tenants: longer than a live replica can be without the database. */
    private static final Duration SHREDDED_WITHIN = Duration.ofHours(1);

    private static final int TENANTS_PER_STATEMENT = 500;

    private final TenantKeys keys;
    private final TenantKeyStore store;
    private final SecretSealer sealer;
    private final CancellationShield shield;

    TenantKeyLoader(
            TenantKeys keys, TenantKeyStore store, SecretSealer sealer, CancellationShield shield, ChangeFeed feed) {
        this.keys = keys;
        this.store = store;
        this.sealer = sealer;
        this.shield = shield;
        feed.listen(this);
    }

    /**
     * Loads the key that opens {@code sealed} of {@code tenant}. Completes at once when the key is loaded or none is needed.
     */
    public Uni<Void> ensureOpenable(TenantId tenant, @Nullable SealedSecret sealed) {
        return Uni.createFrom()
                .deferred(() -> isOpenable(tenant, sealed)
                        ? DONE
                        : load(tenant)
                                .invoke(failures -> refuse(failures, sealed))
                                .replaceWithVoid());
    }

    private static void refuse(Map<String, CryptoException> failures, @Nullable SealedSecret sealed) {
        CryptoException why =
                sealed == null ? null : failures.get(sealed.tenantKeyId().orElse(""));
        if (why != null) {
            throw why;
        }
    }

    /** Whether {@link #ensureOpenable} has nothing to do. Throws {@link CryptoException.TenantShredded}. */
    public boolean isOpenable(TenantId tenant, @Nullable SealedSecret sealed) {
        return sealed == null
                || sealed.tenantKeyId().map(id -> keys.holds(tenant, id)).orElse(true);
    }

    /**
     * Loads a key to seal secrets of {@code tenant}, and creates one if it has none. Also creates one if none of its keys can
     * be decrypted, so that a tenant stays usable after the loss of a master key.
     */
    public Uni<Void> ensureSealable(TenantId tenant) {
        return Uni.createFrom()
                .deferred(() -> keys.isKnown(tenant)
                        ? DONE
                        : shield.run(() -> load(tenant)
                                .chain(failures -> keys.isKnown(tenant) ? DONE : create(tenant, failures))));
    }

    /** Removes the keys of a shredded tenant from memory: this replica can no longer open its secrets. */
    public void forget(TenantId tenant) {
        if (keys.destroy(tenant)) {
            LOG.infof("Tenant %s was shredded: its keys were removed from memory", tenant);
        }
    }

    /** Loads the tenant's keys. Returns the failures of those that cannot be decrypted, by their ids. */
    private Uni<Map<String, CryptoException>> load(TenantId tenant) {
        return store.find(tenant).map(found -> {
            if (found.shreddedAt() != null) {
                forget(tenant);
                throw new CryptoException.TenantShredded();
            }
            Map<String, CryptoException> failures = keys.learn(tenant, found.keys(), sealer);
            failures.forEach((id, why) ->
                    LOG.errorf("Key %s of tenant %s cannot be decrypted: %s", id, tenant, why.getMessage()));
            return failures;
        });
    }

    /** Creates a key and loads the stored one, because another replica may have stored its key first. */
    private Uni<Void> create(TenantId tenant, Map<String, CryptoException> failures) {
        return store.add(TenantKeys.draw(tenant, sealer), List.copyOf(failures.keySet()))
                .chain(() -> load(tenant))
                .invoke(() -> {
                    if (!keys.isKnown(tenant)) {
                        throw new IllegalStateException("the key of tenant " + tenant + " was not stored");
                    }
                })
                .replaceWithVoid();
    }

    @Scheduled(
            every = "10s",
            identity = "forget-shredded-tenants",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> forgetShredded() {
        return ScheduledRun.of(
                LOG,
                "shredded tenants",
                ScheduledRun.DEFAULT_LIMIT,
                () -> store.shreddedWithin(SHREDDED_WITHIN)
                        .chain(tenants -> Multi.createFrom()
                                .iterable(tenants)
                                .invoke(this::forget)
                                .onItem()
                                .transformToUniAndConcatenate(tenant -> shield.run(() -> destroy(tenant)))
                                .collect()
                                .last()));
    }

    /**
     * Destroys the stored keys of a shredded tenant, and the secrets that only they could open. Repeated for an hour, because
     * a replica that did not know of the shredding may have stored a secret since. Safe to repeat.
     */
    public Uni<Void> destroy(TenantId tenant) {
        return store.destroy(tenant).chain(() -> endCredentials(tenant));
    }

    private Uni<Void> endCredentials(TenantId tenant) {
        return store.end(tenant).chain(ended -> ended < TenantKeyStore.END_BATCH ? DONE : endCredentials(tenant));
    }

    /**
     * A database that failed over may have lost the newest keys, so they are stored again: secrets under them must stay
     * readable.
     */
    @Override
    public void missed() {
        var unused =
                shield.start(() -> ScheduledRun.of(LOG, "keys of tenants", ScheduledRun.DEFAULT_LIMIT, this::restore));
    }

    @Override
    public void changed(UUID id) {
        // a change of one credential does not concern the keys
    }

    private Uni<Void> restore() {
        return store.restoreShredded(keys.shredded())
                .chain(() -> Multi.createFrom()
                        .items(keys.tenants().stream())
                        .group()
                        .intoLists()
                        .of(TENANTS_PER_STATEMENT)
                        .onItem()
                        .transformToUniAndConcatenate(this::restore)
                        .collect()
                        .last())
                .replaceWithVoid();
    }

    private Uni<Void> restore(List<TenantId> known) {
        return store.withoutKey(known)
                .chain(withoutKey -> Multi.createFrom()
                        .iterable(withoutKey)
                        .onItem()
                        .transformToMultiAndConcatenate(
                                tenant -> Multi.createFrom().iterable(keys.wrapped(tenant, sealer)))
                        .onItem()
                        .transformToUniAndConcatenate(this::restore)
                        .collect()
                        .last());
    }

    private Uni<Void> restore(SealedTenantKey key) {
        LOG.warnf("The database lost key %s of tenant %s; the service stores it again", key.id(), key.tenant());
        return store.restore(key);
    }
}
