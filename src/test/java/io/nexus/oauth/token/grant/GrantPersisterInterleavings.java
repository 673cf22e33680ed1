package io.nexus.oauth.token.grant;

import static io.nexus.oauth.testing.Interleavings.all;
import static io.nexus.oauth.testing.Interleavings.check;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.store.RowInMemory;
import io.nexus.oauth.store.connection.SilentFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.SampleCredential;
import io.nexus.oauth.token.refresh.RefreshSettings;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Scenarios of {@link GrantPersister} and {@link UnpersistedGrants} for {@link io.nexus.oauth.testing.Interleavings}. The first attempt to
 * store a response fails.
 */
public final class GrantPersisterInterleavings {

    private GrantPersisterInterleavings() {}

    /** Whenever the process ends, a token that a caller has is in the journal or in the database; callers find no older one. */
    public static class ACrashLosesNoTokenOfACaller extends Replica {

        public ACrashLosesNoTokenOfACaller() {
            super(true);
        }

        @Operation
        public void run() {
            all(this::persist, () -> {
                boolean told = isRenewed();
                boolean held = isHeld();
                boolean journalled = isJournalled();
                check(!told || journalled || row.stored() == 1, "a crash loses the token");
                check(!told || held || row.stored() == 1, "a caller gets the older token");
            });
            checkStored();
        }
    }

    /** The same where the journal cannot be written: callers wait for the database. */
    public static class WithoutAJournalCallersWaitForTheDatabase extends Replica {

        public WithoutAJournalCallersWaitForTheDatabase() {
            super(false);
        }

        @Operation
        public void run() {
            all(this::persist, () -> check(!isRenewed() || row.stored() == 1, "a crash loses the token"));
            checkStored();
        }
    }

    /** Once this replica knows of a revocation, no response that came across it is given to a caller; its tokens are revoked, too. */
    public static class ARevokedGrantIsNotHeld extends Replica {

        /** Whether the change was known before the first attempt to store the response had failed. */
        private volatile boolean early;

        public ARevokedGrantIsNotHeld() {
            super(true);
        }

        @Operation
        public void run() {
            all(this::persist, () -> {
                row.revoke();
                grants.changed(LEASED.key().id());
                check(!isHeld(), "the revoked grant is held");
                early = row.fails();
            });
            check(!early || !isRenewed(), "a caller gets the revoked grant");
            check(!isHeld(), "the revoked grant is held again");
            check(row.stored() + row.queued() == 1, "the new tokens stay valid");
            check(persister.isIdle(), "it is still being stored");
        }
    }

    /** A change that comes while a response is being held is either seen or removes it. */
    public static class AChangeAndAHoldExcludeEachOther extends Replica {

        public AChangeAndAHoldExcludeEachOther() {
            super(true);
        }

        @Operation
        public void run() {
            all(
                    () -> grants.hold(LEASE, LEASED.with(GRANT)),
                    () -> grants.changed(LEASED.key().id()));
            check(!isHeld(), "the revoked grant is held again");
        }
    }

    /** The end of an older attempt removes nothing newer, which only this replica knows. */
    public static class TheNewerResponseStays extends Replica {

        public TheNewerResponseStays() {
            super(true);
        }

        @Operation
        public void run() {
            RefreshLease next = lease(LEASED.with(GRANT));
            grants.hold(LEASE, LEASED.with(GRANT));
            var unused = grants.expect(next);
            all(
                    () -> grants.hold(next, next.credential().with(GRANT)),
                    () -> grants.remove(LEASED.key().id(), 2));
            check(grants.newerThan(LEASED.with(GRANT)).isPresent(), "the newer response is lost");
        }
    }

    /** A replica that got a response. */
    abstract static class Replica {

        static final StoredCredential LEASED = SampleCredential.of("acme", "ada", "client");
        static final RefreshLease LEASE = lease(LEASED);
        static final SealedGrant GRANT = new SealedGrant(
                new SealedSecret("key.access"),
                new SealedSecret("key.refresh"),
                "Bearer",
                null,
                null,
                false,
                Instant.EPOCH,
                null,
                Map.of(),
                Map.of(),
                null,
                null,
                null);
        private static final RefreshConfig CONFIG = RefreshSettings.with(Map.of());

        final RowInMemory row = new RowInMemory(LEASED, 1);
        final UnpersistedGrants grants = new UnpersistedGrants(new SimpleMeterRegistry(), new SilentFeed());
        final GrantPersister persister;
        private final AtomicReference<RefreshOutcome> outcome = new AtomicReference<>();
        private final AtomicReference<Runnable> background = new AtomicReference<>(() -> {});
        private volatile boolean journalled;

        Replica(boolean writable) {
            persister = new GrantPersister(
                    row.refreshes(),
                    row.credentials(),
                    row.outbox(),
                    journal(writable),
                    grants,
                    events(),
                    shield(),
                    CONFIG);
            var unused = grants.expect(LEASE);
        }

        static RefreshLease lease(StoredCredential credential) {
            return new RefreshLease(credential, new UUID(1, credential.version()), credential.version(), 0, 1);
        }

        /** Stores the response, then lets the background work go on. */
        void persist() {
            persister
                    .persist(LEASE, GRANT, new RefreshStart(RefreshTrigger.DUE, 0, Instant.EPOCH))
                    .subscribe()
                    .with(outcome::set, failure -> check(false, failure.toString()));
            background.get().run();
        }

        boolean isRenewed() {
            return outcome.get() instanceof RefreshOutcome.Renewed;
        }

        boolean isHeld() {
            return grants.newerThan(LEASED).isPresent();
        }

        boolean isJournalled() {
            return journalled;
        }

        void checkStored() {
            check(row.stored() == 1, "not stored once");
            check(isRenewed(), "the caller is not told");
            check(!journalled && grants.size() == 0 && persister.isIdle(), "something is left");
        }

        @SuppressWarnings("NullAway") // it has no files
        private GrantJournal journal(boolean writable) {
            return new GrantJournal(null, null) {
                @Override
                public Uni<Boolean> append(RefreshLease lease, SealedGrant grant, RefreshTrigger trigger) {
                    return Uni.createFrom().item(() -> {
                        journalled = writable;
                        return writable;
                    });
                }

                @Override
                void settle(UUID attempt) {
                    journalled = false;
                }
            };
        }

        @SuppressWarnings("NullAway") // nobody listens
        private static GrantEvents events() {
            return new GrantEvents(null, null, null, Clock.systemUTC()) {
                @Override
                public void refresh(
                        StoredCredential credential,
                        RefreshTrigger trigger,
                        String result,
                        @Nullable String reason,
                        long startedAt) {
                    // counted elsewhere
                }

                @Override
                public void changed(CredentialEvent event) {
                    // no other part of the replica takes part
                }

                @Override
                public void notifyReplicas(StoredCredential stored) {
                    // there is no other replica
                }
            };
        }

        /** Keeps the work for the thread of the scenario. */
        @SuppressWarnings("NullAway") // it never uses Vert.x
        private CancellationShield shield() {
            return new CancellationShield(null) {
                @Override
                public <T> CompletableFuture<T> start(Supplier<Uni<T>> work) {
                    CompletableFuture<T> result = new CompletableFuture<>();
                    background.set(() -> {
                        var unused = work.get().subscribe().with(result::complete, result::completeExceptionally);
                    });
                    return result;
                }
            };
        }
    }
}
