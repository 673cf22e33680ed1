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
 * Brings the keys of tenants from the database into memory before anything is opened or sealed for them, and out of it when they were
 * shredded. Non-blocking. Fails with {@link CryptoException.TenantShredded}, with another {@link CryptoException} when a stored key does
 * not open, and with {@code StorageException}.
 */
@ApplicationScoped
public class TenantKeyLoader implements ChangeFeed.Listener {

    private static final Logger LOG = Logger.getLogger(TenantKeyLoader.class);

    private static final Uni<Void> DONE = Uni.createFrom().voidItem();

    /** Longer than a replica that lives hears nothing: who was away for longer began anew and knows no keys. */
    private static final Duration NEWS = Duration.ofHours(1);

    private static final int AT_ONCE = 500;

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

    /** Completes when {@code sealed}, of {@code tenant}, finds its key here: at once when it is here already, or none is needed. */
    public Uni<Void> toOpen(TenantId tenant, @Nullable SealedSecret sealed) {
        return Uni.createFrom()
                .deferred(() -> isOpenable(tenant, sealed)
                        ? DONE
                        : load(tenant).invoke(lost -> refuse(lost, sealed)).replaceWithVoid());
    }

    private static void refuse(Map<String, CryptoException> lost, @Nullable SealedSecret sealed) {
        CryptoException why =
                sealed == null ? null : lost.get(sealed.tenantKeyId().orElse(""));
        if (why != null) {
            throw why;
        }
    }

    /** Whether {@link #toOpen} has nothing to do. Throws {@link CryptoException.TenantShredded}. */
    public boolean isOpenable(TenantId tenant, @Nullable SealedSecret sealed) {
        return sealed == null
                || sealed.tenantKeyId().map(id -> keys.holds(tenant, id)).orElse(true);
    }

    /**
     * Completes when something can be sealed for {@code tenant}. One that has no key gets one, also when the keys that it has do not open:
     * who lost a master key has to be able to begin anew.
     */
    public Uni<Void> toSeal(TenantId tenant) {
        return Uni.createFrom()
                .deferred(() -> keys.isKnown(tenant)
                        ? DONE
                        : shield.run(
                                () -> load(tenant).chain(lost -> keys.isKnown(tenant) ? DONE : make(tenant, lost))));
    }

    /** Nothing of the tenant opens here any more. */
    public void forget(TenantId tenant) {
        if (keys.destroy(tenant)) {
            LOG.infof("tenant %s was shredded: its keys are forgotten", tenant);
        }
    }

    /** Why some of its keys do not open, by their ids. */
    private Uni<Map<String, CryptoException>> load(TenantId tenant) {
        return store.find(tenant).map(found -> {
            if (found.shreddedAt() != null) {
                forget(tenant);
                throw new CryptoException.TenantShredded();
            }
            Map<String, CryptoException> lost = keys.learn(tenant, found.keys(), sealer);
            lost.forEach(
                    (id, why) -> LOG.errorf("key %s of tenant %s does not open: %s", id, tenant, why.getMessage()));
            return lost;
        });
    }

    /** What is stored counts, and not what was drawn: somebody else may have been faster. */
    private Uni<Void> make(TenantId tenant, Map<String, CryptoException> lost) {
        return store.add(TenantKeys.draw(tenant, sealer), List.copyOf(lost.keySet()))
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
                ScheduledRun.USUAL,
                () -> store.shreddedWithin(NEWS)
                        .chain(tenants -> Multi.createFrom()
                                .iterable(tenants)
                                .invoke(this::forget)
                                .onItem()
                                .transformToUniAndConcatenate(tenant -> shield.run(() -> end(tenant)))
                                .collect()
                                .last()));
    }

    /**
     * Destroys the keys of a tenant of which it was decided, and what only they opened: a replica that had not heard of it may have
     * stored something since. Safe to repeat.
     */
    public Uni<Void> end(TenantId tenant) {
        return store.destroy(tenant).chain(() -> endCredentials(tenant));
    }

    private Uni<Void> endCredentials(TenantId tenant) {
        return store.end(tenant).chain(ended -> ended < TenantKeyStore.ENDED_AT_ONCE ? DONE : endCredentials(tenant));
    }

    /** A database that failed over may have forgotten the newest keys: what was sealed under them since has to open. */
    @Override
    public void missed() {
        var unused = shield.start(() -> ScheduledRun.of(LOG, "keys of tenants", ScheduledRun.USUAL, this::bringBack));
    }

    @Override
    public void changed(UUID id) {
        // a credential's
    }

    private Uni<Void> bringBack() {
        return store.buryAgain(keys.shredded())
                .chain(() -> Multi.createFrom()
                        .items(keys.tenants().stream())
                        .group()
                        .intoLists()
                        .of(AT_ONCE)
                        .onItem()
                        .transformToUniAndConcatenate(this::bringBack)
                        .collect()
                        .last())
                .replaceWithVoid();
    }

    private Uni<Void> bringBack(List<TenantId> known) {
        return store.lacking(known)
                .chain(lacking -> Multi.createFrom()
                        .iterable(lacking)
                        .onItem()
                        .transformToMultiAndConcatenate(
                                tenant -> Multi.createFrom().iterable(keys.wrapped(tenant, sealer)))
                        .onItem()
                        .transformToUniAndConcatenate(this::bringBack)
                        .collect()
                        .last());
    }

    private Uni<Void> bringBack(SealedTenantKey key) {
        LOG.warnf("the database forgot key %s of tenant %s: it is stored again", key.id(), key.tenant());
        return store.bringBack(key);
    }
}
