package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantJournal;
import io.nexus.oauth.token.grant.GrantPersister;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshPolicy;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * Decides whether a refused grant is dead. One {@code invalid_grant} (RFC 6749 section 5.2) only makes it a suspect: another
 * replica may hold the successor of a spent token, and a provider with a fault refuses all grants. A second refusal later
 * confirms it. So a dead grant costs two requests, and no user has to connect again because of a fault elsewhere.
 */
@ApplicationScoped
class InvalidGrantConfirmation {

    /** A grant that is refused so often for an unexplained reason is over, if other grants of its client work meanwhile. */
    private static final int MAX_REFUSALS = 5;

    /** The same if no other grant works: with the back-off in between, this takes about a day. No shorter outage ends it. */
    private static final int MAX_REFUSALS_ALONE = 30;

    /** An attempt used the refresh token, and its response was lost. */
    static final String ROTATION_LOST = "rotation_lost";

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final GrantJournal journal;
    private final GrantPersister persister;
    private final RejectionSurge surge;
    private final GrantEvents events;
    private final RefreshConfig config;

    InvalidGrantConfirmation(
            RefreshStore refreshes,
            CredentialStore credentials,
            GrantJournal journal,
            GrantPersister persister,
            RejectionSurge surge,
            GrantEvents events,
            RefreshConfig config) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.journal = journal;
        this.persister = persister;
        this.surge = surge;
        this.events = events;
        this.config = config;
    }

    /**
     * Whether the verdict on a suspect is held, because the provider refuses many grants of its client and so probably has a
     * fault. An hour after the first refusal ({@code hold-for}) the service asks again in any case.
     */
    Uni<Boolean> isHeld(RefreshLease lease) {
        Instant since = lease.credential().refresh().suspectedAt();
        if (since == null || events.now().isAfter(since.plus(config.holdFor()))) {
            return Uni.createFrom().item(false);
        }
        return surge.isOn(lease.credential())
                .onFailure(StorageException.class)
                .recoverWithItem(true); // the verdict could not be stored either
    }

    /** Postpones a held suspect. */
    Uni<RefreshOutcome> hold(RefreshLease lease, RefreshTask task) {
        events.refresh(lease.credential(), task.trigger(), "held", error(lease), task.leasedAt());
        return refreshes
                .postpone(lease, config.holdPause())
                .onFailure(StorageException.class)
                .recoverWithNull() // its lease runs out by itself
                .replaceWith(new RefreshOutcome.Deferred(error(lease), config.holdPause()));
    }

    /**
     * Handles a refusal of the grant. A newer response in this machine's journal is stored first and makes the refusal void.
     */
    Uni<RefreshOutcome> refused(RefreshLease lease, TokenReply.Rejected reply) {
        return unlessRescued(lease, () -> judge(lease, reply));
    }

    private Uni<RefreshOutcome> unlessRescued(RefreshLease lease, Supplier<Uni<RefreshOutcome>> verdict) {
        Uni<Boolean> rescued = journal.newest(lease.key())
                .map(persister::replay)
                .orElseGet(() -> Uni.createFrom().item(false));
        return rescued.chain(moved -> moved ? current(lease) : verdict.get());
    }

    /**
     * Handles a refusal of the grant with a code that the service does not know. The grant is a suspect from now on and backs
     * off. After five refusals the user has to connect again, if other grants of the client work; otherwise after thirty, which takes about a day.
     */
    Uni<RefreshOutcome> refused(RefreshLease lease, TokenReply.Refused reply) {
        int refusals = refusals(lease, reply.code());
        Duration pause = RefreshPolicy.backoff(refusals - 1);
        return unlessRescued(
                lease,
                () -> surge.hasRenewedSince(lease.credential(), lastFailure(lease))
                        .chain(othersWork -> refusals >= (othersWork ? MAX_REFUSALS : MAX_REFUSALS_ALONE)
                                ? markDead(lease, reply.code())
                                : suspectAgain(lease, reply.code(), pause)));
    }

    /**
     * Handles a request that the operator has to fix. The grant backs off. After five refusals the user has to connect again,
     * but only if other grants of the client work: then the fault is the grant's. A machine connection backs off for ever,
     * because no person can connect it again.
     */
    Uni<RefreshOutcome> misconfigured(RefreshLease lease, TokenReply.Misconfigured reply) {
        int refusals = refusals(lease, reply.code());
        return surge.hasRenewedSince(lease.credential(), lastFailure(lease))
                .chain(othersWork -> othersWork
                                && refusals >= MAX_REFUSALS
                                && !lease.credential().isMachine()
                        ? markDead(lease, reply.code())
                        : backOff(lease, reply.code(), RefreshPolicy.backoff(refusals - 1))
                                .replaceWith(new RefreshOutcome.Misconfigured(reply.code())));
    }

    /** How often in a row the grant was refused, with this refusal. Counted in the row, so a restart does not reset it. */
    private static int refusals(RefreshLease lease, String code) {
        RefreshState state = lease.credential().refresh();
        return state.suspectedAt() != null || code.equals(state.lastError()) ? state.failures() + 1 : 1;
    }

    private Instant lastFailure(RefreshLease lease) {
        Instant failedAt = lease.credential().refresh().failedAt();
        return failedAt == null ? events.now() : failedAt;
    }

    private Uni<RefreshOutcome> suspectAgain(RefreshLease lease, String code, Duration after) {
        return lease.credential().refresh().suspectedAt() == null
                ? suspect(lease, code, after)
                : backOff(lease, code, after).replaceWith(new RefreshOutcome.Deferred(code, after));
    }

    private Uni<Void> backOff(RefreshLease lease, String code, Duration after) {
        return refreshes
                .backOff(lease, code, after)
                .onFailure(StorageException.class)
                .recoverWithNull() // its lease runs out by itself
                .replaceWithVoid();
    }

    private Uni<RefreshOutcome> judge(RefreshLease lease, TokenReply.Rejected reply) {
        boolean confirmed = lease.credential().refresh().suspectedAt() != null;
        return reply.certain() || confirmed
                ? markDead(lease, code(lease, reply))
                : suspect(lease, code(lease, reply), config.confirmAfter());
    }

    private Uni<RefreshOutcome> suspect(RefreshLease lease, String code, Duration after) {
        return refreshes.suspect(lease, code, after).chain(noted -> {
            if (!noted) {
                return current(lease);
            }
            events.notifyReplicas(lease.credential());
            return Uni.createFrom().item(new RefreshOutcome.Deferred(code, after));
        });
    }

    private Uni<RefreshOutcome> markDead(RefreshLease lease, String code) {
        return refreshes.reject(lease, code).chain(ended -> {
            if (!ended) {
                return current(lease);
            }
            StoredCredential credential = lease.credential();
            events.changed(new CredentialEvent.ReauthorizationRequired(
                    credential.key(), credential.account(), CredentialEvent.SYSTEM, code));
            events.notifyReplicas(credential);
            return Uni.createFrom().item(new RefreshOutcome.Rejected(code));
        });
    }

    private Uni<RefreshOutcome> current(RefreshLease lease) {
        return credentials.find(lease.key()).map(found -> GrantPersister.storedOutcome(lease, found));
    }

    private static String code(RefreshLease lease, TokenReply.Rejected reply) {
        boolean lost = lease.unresolved() > 1
                || ROTATION_LOST.equals(lease.credential().refresh().lastError());
        return lost ? ROTATION_LOST : reply.code();
    }

    private static String error(RefreshLease lease) {
        RefreshState state = lease.credential().refresh();
        return state.lastError() == null ? "invalid_grant" : state.lastError();
    }
}
