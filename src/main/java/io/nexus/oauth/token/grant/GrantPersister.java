package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.RevocationOutbox;
import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Stores a token response before any caller gets its token. A response with a new refresh token goes to the journal on this
 * machine's disk first. Then it goes to the database, fenced by the epoch. After a rotation the old refresh token is spent,
 * so losing the response would lose the grant.
 */
@ApplicationScoped
public class GrantPersister {

    private static final Logger LOG = Logger.getLogger(GrantPersister.class);
    private static final Duration RETRY_AFTER_LOST_RACE = Duration.ofSeconds(1);
    private static final Duration UNLIMITED = Duration.ofDays(365);
    private static final Duration UNREADABLE_BACKOFF = Duration.ofMinutes(1);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    /** With as many slow stores, the database or this machine does not keep up. */
    private static final int MAX_SLOW_STORES = 16;

    private static final Duration SLOW_STORE = Duration.ofSeconds(1);

    /** The attempts whose responses this process is storing, and since when by {@link System#nanoTime()}. */
    private final ConcurrentHashMap<UUID, Long> inProgress = new ConcurrentHashMap<>();

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final RevocationOutbox outbox;
    private final GrantJournal journal;
    private final UnpersistedGrants unpersisted;
    private final GrantEvents events;
    private final CancellationShield shield;
    private final RefreshConfig config;

    public GrantPersister(
            RefreshStore refreshes,
            CredentialStore credentials,
            RevocationOutbox outbox,
            GrantJournal journal,
            UnpersistedGrants unpersisted,
            GrantEvents events,
            CancellationShield shield,
            RefreshConfig config) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.outbox = outbox;
        this.journal = journal;
        this.unpersisted = unpersisted;
        this.events = events;
        this.shield = shield;
        this.config = config;
    }

    /**
     * Stores {@code grant}, the response to {@code lease}, and returns the stored credential. While the database is
     * unavailable and the response is in the journal, returns the credential as it will be stored and keeps retrying in the
     * background.
     */
    public Uni<RefreshOutcome> persist(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        inProgress.put(lease.attempt(), System.nanoTime());
        return journal.append(lease, grant, start.trigger())
                .chain(journalled -> store(lease, grant, start)
                        .onFailure(StorageException.class)
                        .recoverWithUni(failure -> {
                            LOG.errorf(
                                    "Credential %s: the new token is not stored yet, the service retries: %s",
                                    lease.key().id(), failure.getMessage());
                            return journalled
                                    ? storeInBackground(lease, grant, start)
                                    : storeWithRetry(lease, grant, start, UNLIMITED);
                        }))
                .onFailure()
                .invoke(() -> inProgress.remove(lease.attempt()));
    }

    /** As {@link UnpersistedGrants#expect}. */
    public Runnable expect(RefreshLease lease) {
        return unpersisted.expect(lease);
    }

    /** Whether no response is waiting to be stored. */
    public boolean isIdle() {
        return inProgress.isEmpty();
    }

    /**
     * Whether responses arrive faster than they are stored. Another replica may take a waiting grant for lost, and each waiting
     * response is retried, so further refreshes would only add load. A few responses that cannot be stored at all do not count.
     */
    public boolean isBehind() {
        if (inProgress.size() < MAX_SLOW_STORES) {
            return false;
        }
        long now = System.nanoTime();
        return inProgress.values().stream()
                        .filter(since -> now - since > SLOW_STORE.toNanos())
                        .limit(MAX_SLOW_STORES)
                        .count()
                == MAX_SLOW_STORES;
    }

    /** The outcome that the stored credential implies after the fence rejected a response. */
    public static RefreshOutcome storedOutcome(RefreshLease lease, Optional<StoredCredential> found) {
        if (found.isEmpty() || found.get().status() == CredentialStatus.REVOKED) {
            return new RefreshOutcome.Gone();
        }
        StoredCredential now = found.get();
        if (now.status() == CredentialStatus.REAUTHORIZATION_REQUIRED) {
            return new RefreshOutcome.Rejected(
                    Objects.requireNonNullElse(now.refresh().lastError(), "invalid_grant"));
        }
        return now.version() > lease.credential().version()
                ? new RefreshOutcome.Renewed(now)
                : new RefreshOutcome.Deferred("refresh_in_progress", RETRY_AFTER_LOST_RACE);
    }

    private Uni<RefreshOutcome> store(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        return refreshes
                .complete(lease.fence(), grant, start.trigger().label())
                .chain(stored -> stored.isPresent() ? renewed(lease, start, stored.get()) : fenced(lease, grant, start))
                .invoke(() -> finish(lease));
    }

    private void finish(RefreshLease lease) {
        inProgress.remove(lease.attempt());
        journal.settle(lease.attempt());
        unpersisted.remove(lease.key().id(), lease.credential().version() + 1);
    }

    /** Callers get the new token while it is being stored, unless its row has changed: then the grant may have been revoked. */
    private Uni<RefreshOutcome> storeInBackground(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        StoredCredential provisional = lease.credential().with(grant);
        if (!unpersisted.hold(lease, provisional)) {
            return storeWithRetry(lease, grant, start, config.persistFor());
        }
        var unused = shield.start(() -> storeWithRetry(lease, grant, start, config.persistFor()))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        LOG.errorf(
                                "Credential %s: the new token stays in the journal until the database accepts it: %s",
                                lease.key().id(), failure.getMessage());
                    }
                });
        return Uni.createFrom().item(new RefreshOutcome.Renewed(provisional));
    }

    /**
     * Retries for {@code limit} while the database is unavailable. A response that is not in the journal is retried for ever.
     */
    private Uni<RefreshOutcome> storeWithRetry(
            RefreshLease lease, SealedGrant grant, RefreshStart start, Duration limit) {
        return store(lease, grant, start)
                .onFailure(StorageException.class)
                .retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY)
                .expireIn(limit.toMillis())
                .onFailure(IllegalStateException.class) // Mutiny's failure when the retries have expired
                .transform(StorageException::of)
                .onFailure()
                .invoke(() -> inProgress.remove(lease.attempt()));
    }

    private Uni<RefreshOutcome> renewed(RefreshLease lease, RefreshStart start, StoredCredential stored) {
        String defect = stored.refresh().lastError();
        if (defect == null) {
            fireRefresh(lease, start, "success");
        } else {
            events.refresh(lease.credential(), start.trigger(), "misconfigured", defect, start.nanos());
        }
        events.changed(new CredentialEvent.Refreshed(
                stored.key(),
                stored.account(),
                CredentialEvent.SYSTEM,
                start.trigger().label()));
        events.notifyReplicas(stored);
        return Uni.createFrom().item(new RefreshOutcome.Renewed(stored));
    }

    /**
     * The fence rejected this response. It may be stored already, or superseded, or its grant was revoked. Callers wait until
     * the database can tell which.
     */
    private Uni<RefreshOutcome> fenced(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        unpersisted.remove(lease.key().id(), lease.credential().version() + 1);
        return refreshes
                .committed(lease.fence())
                .chain(stored ->
                        stored.isPresent() ? renewed(lease, start, stored.get()) : superseded(lease, grant, start))
                .onFailure(StorageException.class)
                .retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY)
                .indefinitely();
    }

    /**
     * A newer response is stored, or the grant was revoked since the lease began, even if a new grant is stored by now. After a
     * revocation the service revokes the new tokens at the provider too.
     */
    private Uni<RefreshOutcome> superseded(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        Uni<RefreshOutcome> read = credentials.find(lease.key()).chain(found -> {
            RefreshOutcome outcome = storedOutcome(lease, found);
            if (outcome instanceof RefreshOutcome.Deferred) {
                LOG.errorf(
                        "Credential %s: the fence rejected the new token of epoch %d, but no newer one is stored",
                        lease.key().id(), lease.epoch());
            }
            return outbox.addIfRevoked(lease.credential(), lease.credential().clientId(), grant, lease.epoch())
                    .replaceWith(outcome);
        });
        return read.invoke(() -> fireRefresh(lease, start, "lost_race"));
    }

    private void fireRefresh(RefreshLease lease, RefreshStart start, String outcome) {
        events.refresh(lease.credential(), start.trigger(), outcome, null, start.nanos());
    }

    /** Whether this process is storing the response of {@code entry}. */
    boolean isStoring(GrantJournal.Entry entry) {
        return inProgress.containsKey(entry.fence().attempt());
    }

    /** Stores a response from the journal. True when it changed the stored credential; false when it was not needed. */
    public Uni<Boolean> replay(GrantJournal.Entry entry) {
        return refreshes
                .complete(entry.fence(), entry.grant(), entry.trigger())
                .chain(stored -> stored.isPresent()
                        ? restored(stored.get(), entry)
                        : discard(entry).replaceWith(false))
                .invoke(() -> journal.settle(entry.fence().attempt()));
    }

    /**
     * Ends {@code lease} with the newer response from this machine's journal. The row is older because the commit is still
     * under way, or because the database was restored from an older copy. The refresh token in the row is spent, so the
     * provider is not asked.
     *
     * @param held the response; empty when it cannot be decrypted
     */
    public Uni<RefreshOutcome> rescue(RefreshLease lease, Optional<GrantJournal.Entry> held) {
        // without the master key the provider is not asked: that would use a spent token, and the key may be restored
        if (held.isEmpty()) {
            return refreshes
                    .yieldLease(lease, UNREADABLE_BACKOFF)
                    .replaceWith(new RefreshOutcome.Deferred("journal_unreadable", UNREADABLE_BACKOFF));
        }
        return replay(held.get())
                .chain(stored -> refreshes.yieldLease(lease, stored ? Duration.ZERO : RETRY_AFTER_LOST_RACE))
                .chain(() -> credentials.find(lease.key()))
                .map(found -> storedOutcome(lease, found));
    }

    private Uni<Boolean> restored(StoredCredential credential, GrantJournal.Entry entry) {
        LOG.infof(
                "Credential %s: the service stored a token from the journal",
                credential.key().id());
        events.changed(new CredentialEvent.Refreshed(
                credential.key(), credential.account(), CredentialEvent.SYSTEM, entry.trigger()));
        events.notifyReplicas(credential);
        return Uni.createFrom().item(true);
    }

    /**
     * The response is superseded, or its credential was revoked since the lease began; then its tokens are revoked too, unless
     * that was done before.
     */
    private Uni<Void> discard(GrantJournal.Entry entry) {
        if (entry.settled()) {
            return Uni.createFrom().voidItem();
        }
        return credentials
                .find(entry.fence().key())
                .chain(found -> found.map(now -> outbox.addIfRevoked(
                                        now,
                                        entry.clientId() == null ? now.clientId() : entry.clientId(),
                                        entry.grant(),
                                        entry.fence().epoch())
                                .replaceWithVoid())
                        .orElseGet(() -> Uni.createFrom().voidItem()));
    }
}
