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
 * Makes an answer durable before anybody uses it: on this machine's disk first, where it carries a new refresh token, then in the
 * database, fenced by the epoch. Between the provider's rotation and our commit the grant hangs on these two.
 */
@ApplicationScoped
public class GrantPersister {

    private static final Logger LOG = Logger.getLogger(GrantPersister.class);
    private static final Duration A_BREATH = Duration.ofSeconds(1);
    private static final Duration NEVER = Duration.ofDays(365);
    private static final Duration UNREADABLE = Duration.ofMinutes(1);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    /** So many that wait for longer than storing takes: the database, or this machine, does not keep up. */
    private static final int BEHIND = 16;

    private static final Duration STORED_BY_THEN = Duration.ofSeconds(1);

    /** Attempts whose answers this process is about to store, and since when: nobody else has to. */
    private final ConcurrentHashMap<UUID, Long> keeping = new ConcurrentHashMap<>();

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
     * Keeps {@code grant}, the answer to {@code lease}. Gives the stored credential; while the database is away, the credential as
     * it will be stored, once the answer is safe on disk: storing it goes on.
     */
    public Uni<RefreshOutcome> keep(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        keeping.put(lease.attempt(), System.nanoTime());
        return journal.keep(lease, grant, start.trigger())
                .chain(safe -> store(lease, grant, start)
                        .onFailure(StorageException.class)
                        .recoverWithUni(failure -> {
                            LOG.errorf(
                                    "credential %s: a new token is not stored yet: %s",
                                    lease.key().id(), failure.getMessage());
                            return safe ? handOutAlready(lease, grant, start) : patiently(lease, grant, start, NEVER);
                        }))
                .onFailure()
                .invoke(() -> keeping.remove(lease.attempt()));
    }

    /** Whether no answer is on its way into the database. */
    public boolean isIdle() {
        return keeping.isEmpty();
    }

    /**
     * Whether answers come faster than they are stored. Each that waits is a grant that another replica may take for lost, and each
     * is tried again and again: more of them would only make it worse. A few that cannot be stored at all do not count.
     */
    public boolean isBehind() {
        if (keeping.size() < BEHIND) {
            return false;
        }
        long now = System.nanoTime();
        return keeping.values().stream()
                        .filter(since -> now - since > STORED_BY_THEN.toNanos())
                        .limit(BEHIND)
                        .count()
                == BEHIND;
    }

    /** What is known of the credential when its answer was refused by the fence. */
    public static RefreshOutcome whateverIsStored(RefreshLease lease, Optional<StoredCredential> found) {
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
                : new RefreshOutcome.Deferred("refresh_in_progress", A_BREATH);
    }

    private Uni<RefreshOutcome> store(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        return refreshes
                .complete(lease.fence(), grant, start.trigger().label())
                .chain(stored ->
                        stored.isPresent() ? renewed(lease, start, stored.get()) : refused(lease, grant, start))
                .invoke(() -> settled(lease));
    }

    private void settled(RefreshLease lease) {
        keeping.remove(lease.attempt());
        journal.settle(lease.attempt());
        unpersisted.remove(lease.key().id(), lease.credential().version() + 1);
    }

    /** Callers get the new token while it is tried to be stored; when this process ends first, the journal has it. */
    private Uni<RefreshOutcome> handOutAlready(RefreshLease lease, SealedGrant grant, RefreshStart start) {
        StoredCredential provisional = lease.credential().with(grant);
        unpersisted.put(provisional);
        var unused = shield.start(() -> patiently(lease, grant, start, config.persistFor()))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        LOG.errorf(
                                "credential %s: its new token is left to the journal: %s",
                                lease.key().id(), failure.getMessage());
                    }
                });
        return Uni.createFrom().item(new RefreshOutcome.Renewed(provisional));
    }

    /** Tries again while the database is away, for so long: what is not on disk is nowhere else, and is never given up. */
    private Uni<RefreshOutcome> patiently(
            RefreshLease lease, SealedGrant grant, RefreshStart start, Duration patience) {
        return store(lease, grant, start)
                .onFailure(StorageException.class)
                .retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY)
                .expireIn(patience.toMillis())
                .onFailure(IllegalStateException.class) // the back-off's word for having given up
                .transform(StorageException::of)
                .onFailure()
                .invoke(() -> keeping.remove(lease.attempt()));
    }

    private Uni<RefreshOutcome> renewed(RefreshLease lease, RefreshStart start, StoredCredential stored) {
        announce(lease, start, "success");
        events.changed(new CredentialEvent.Refreshed(
                stored.key(),
                stored.account(),
                CredentialEvent.SYSTEM,
                start.trigger().label()));
        events.tellOthers(stored);
        return Uni.createFrom().item(new RefreshOutcome.Renewed(stored));
    }

    /**
     * The fence let the answer not pass, so nobody is given it before it is known why: while the database cannot say whether it has the
     * answer already or the grant was revoked, callers wait.
     */
    private Uni<RefreshOutcome> refused(RefreshLease lease, SealedGrant born, RefreshStart start) {
        unpersisted.remove(lease.key().id(), lease.credential().version() + 1);
        return refreshes
                .committed(lease.fence())
                .chain(stored -> stored.isPresent() ? renewed(lease, start, stored.get()) : outrun(lease, born, start))
                .onFailure(StorageException.class)
                .retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY)
                .indefinitely();
    }

    /** A newer answer is stored, or the grant was revoked and the tokens just born must die too. */
    private Uni<RefreshOutcome> outrun(RefreshLease lease, SealedGrant born, RefreshStart start) {
        Uni<RefreshOutcome> told = credentials.find(lease.key()).chain(found -> {
            RefreshOutcome outcome = whateverIsStored(lease, found);
            if (outcome instanceof RefreshOutcome.Deferred) {
                LOG.errorf(
                        "credential %s: its new token was refused by the epoch %d, and nothing newer is stored",
                        lease.key().id(), lease.epoch());
            }
            return outcome instanceof RefreshOutcome.Gone
                    ? outbox.add(lease.credential(), born).replaceWith(outcome)
                    : Uni.createFrom().item(outcome);
        });
        return told.invoke(() -> announce(lease, start, "lost_race"));
    }

    private void announce(RefreshLease lease, RefreshStart start, String outcome) {
        events.refresh(lease.credential(), start.trigger(), outcome, null, start.nanos());
    }

    /** As {@link #keep}, for an answer that is left in the journal. True when it changed what is stored. */
    public Uni<Boolean> replay(GrantJournal.Left left) {
        if (keeping.containsKey(left.fence().attempt())) {
            return Uni.createFrom().item(false);
        }
        return refreshes
                .complete(left.fence(), left.grant(), left.trigger())
                .chain(stored -> stored.isPresent()
                        ? restored(stored.get(), left)
                        : unwanted(left).replaceWith(false))
                .invoke(() -> journal.settle(left.fence().attempt()));
    }

    /**
     * Ends {@code lease} with the answer that this machine holds already: the row is older, because its commit is under way still or
     * was forgotten by a database that came back from an older copy. What it holds was spent.
     */
    public Uni<RefreshOutcome> rescue(RefreshLease lease, Optional<GrantJournal.Left> held) {
        if (held.isEmpty()) { // it does not open: asking would spend what is spent, and the grant lives once its key is
            // back
            return refreshes
                    .yieldClaim(lease, UNREADABLE)
                    .replaceWith(new RefreshOutcome.Deferred("journal_unreadable", UNREADABLE));
        }
        return replay(held.get())
                .chain(stored -> refreshes.yieldClaim(lease, stored ? Duration.ZERO : A_BREATH))
                .chain(() -> credentials.find(lease.key()))
                .map(found -> whateverIsStored(lease, found));
    }

    private Uni<Boolean> restored(StoredCredential credential, GrantJournal.Left left) {
        LOG.infof(
                "credential %s: a token from the journal is stored",
                credential.key().id());
        events.changed(new CredentialEvent.Refreshed(
                credential.key(), credential.account(), CredentialEvent.SYSTEM, left.trigger()));
        events.tellOthers(credential);
        return Uni.createFrom().item(true);
    }

    /** Superseded, or its credential was revoked: then these tokens have to be revoked as well, unless that was seen to before. */
    private Uni<Void> unwanted(GrantJournal.Left left) {
        if (left.settled()) {
            return Uni.createFrom().voidItem();
        }
        return credentials
                .find(left.fence().key())
                .chain(found -> found.filter(now -> now.status() == CredentialStatus.REVOKED)
                        .map(now -> outbox.add(now, left.grant()).replaceWithVoid())
                        .orElseGet(() -> Uni.createFrom().voidItem()));
    }
}
