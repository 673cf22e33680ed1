package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantJournal;
import io.nexus.oauth.token.grant.GrantPersister;
import io.nexus.oauth.token.grant.GrantSealer;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshPolicy;
import io.nexus.oauth.token.grant.RefreshTrigger;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What follows a claim: one request to the provider, and the end of the claim that its answer asks for. Runs detached from every
 * caller. The provider is asked once; a repetition is the next claim's business.
 */
@ApplicationScoped
class RefreshAttempt {

    private static final Logger LOG = Logger.getLogger(RefreshAttempt.class);
    private static final Duration A_BREATH = Duration.ofSeconds(1);
    private static final Duration OURS_TO_FIX = Duration.ofMinutes(1);

    /** How often a request of unknown fate is repeated at once where the provider's grace makes that safe. */
    private static final int MOST_REPEATS = 2;

    /** A provider that is still at work on the first request should have ended it: the later answer is the one that counts. */
    private static final Duration BEFORE_REPEATING = Duration.ofSeconds(1);

    /** The provider may still be at work on a request that was given up: a repetition could overtake it. */
    private static final Set<String> GIVEN_UP = Set.of("reply_timeout", "provider_timeout");

    private final RefreshStore refreshes;
    private final GrantSealer sealer;
    private final GrantJournal journal;
    private final GrantPersister persister;
    private final InvalidGrantConfirmation confirmation;
    private final RejectionSurge surge;
    private final RefreshPreconditions guard;
    private final GrantEvents events;

    RefreshAttempt(
            RefreshStore refreshes,
            GrantSealer sealer,
            GrantJournal journal,
            GrantPersister persister,
            InvalidGrantConfirmation confirmation,
            RejectionSurge surge,
            RefreshPreconditions guard,
            GrantEvents events) {
        this.refreshes = refreshes;
        this.sealer = sealer;
        this.journal = journal;
        this.persister = persister;
        this.confirmation = confirmation;
        this.surge = surge;
        this.guard = guard;
        this.events = events;
    }

    /** Spends the refresh token of {@code lease} and ends the claim. */
    Uni<RefreshOutcome> carryOut(RefreshLease lease, RefreshTask task) {
        return sealer.toSeal(lease.key().tenant())
                .onFailure(CryptoException.class)
                .call(() -> release(lease, "unreadable", true, backoff(lease)))
                .chain(() -> begin(lease, task));
    }

    private Uni<RefreshOutcome> begin(RefreshLease lease, RefreshTask task) {
        if (task.provider().profile().refresh().isRotating() && journal.holdsNewerThan(lease)) {
            return persister.rescue(lease, journal.newest(lease.key()));
        }
        return confirmation.isHeld(lease).chain(held -> held ? confirmation.hold(lease, task) : ask(lease, task));
    }

    private Uni<RefreshOutcome> ask(RefreshLease lease, RefreshTask task) {
        OAuthCredential grant;
        try {
            grant = sealer.open(lease.credential());
        } catch (CryptoException e) {
            return release(lease, "unreadable", true, backoff(lease))
                    .chain(() -> Uni.createFrom().failure(e));
        }
        return ask(lease, task, grant);
    }

    private Uni<RefreshOutcome> ask(RefreshLease lease, RefreshTask task, OAuthCredential grant) {
        if (hasNoTimeFor(task)) {
            return judge(lease, task, unsent("too_late"), events.now());
        }
        Optional<String> refusal = guard.refusal(task.provider());
        if (refusal.isPresent()) {
            return judge(lease, task, unsent(refusal.get()), events.now());
        }
        Instant sentAt = events.now();
        return task.provider()
                .refreshToken(task.client(), grant)
                .onFailure(ProviderException.class)
                .recoverWithItem(e -> new TokenReply.Misconfigured(e.code()))
                .invoke(reply -> task.permit().heard(reply, lease.key(), task.client()))
                .chain(reply ->
                        mayRepeat(task, reply) ? askAgain(lease, task, grant) : judge(lease, task, reply, sentAt));
    }

    private static TokenReply unsent(String code) {
        return new TokenReply.Deferred(code, Optional.of(A_BREATH), true);
    }

    /** Within its grace a provider answers the same token again: the same owner repeats soon, under a renewed lease. */
    private static boolean mayRepeat(RefreshTask task, TokenReply reply) {
        return reply instanceof TokenReply.Unknown unknown
                && task.repeats() < MOST_REPEATS
                && task.provider().profile().refresh().hasUsefulGrace()
                && !GIVEN_UP.contains(unknown.code());
    }

    private Uni<RefreshOutcome> askAgain(RefreshLease lease, RefreshTask task, OAuthCredential grant) {
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(BEFORE_REPEATING)
                .chain(() -> renewed(lease, task))
                .chain(again -> again.isPresent()
                        ? ask(lease, again.get(), grant)
                        : unknown(lease, task, new TokenReply.Unknown("reply_lost")));
    }

    /** The task of the repetition; empty when the claim is not held any more. */
    private Uni<Optional<RefreshTask>> renewed(RefreshLease lease, RefreshTask task) {
        RefreshTask again = task.repeatedAt(System.nanoTime());
        return refreshes
                .renew(lease, task.provider().timers().lease())
                .onFailure(StorageException.class)
                .recoverWithItem(false)
                .map(kept -> kept ? Optional.of(again) : Optional.empty());
    }

    /** Ends a claim that cannot be carried out for a reason that is ours to fix. */
    Uni<RefreshOutcome> abandon(RefreshLease lease, String code, RefreshTrigger trigger) {
        events.refresh(lease.credential(), trigger, "misconfigured", code, System.nanoTime());
        return release(lease, code, false, OURS_TO_FIX).replaceWith(new RefreshOutcome.Misconfigured(code));
    }

    /** A pause since the claim may have used the lease up; a request sent now could overlap the next owner's. */
    private static boolean hasNoTimeFor(RefreshTask task) {
        var timers = task.provider().timers();
        long latest =
                task.claimedAt() + timers.lease().minus(timers.httpTotal()).toNanos();
        return System.nanoTime() - latest > 0;
    }

    private Uni<RefreshOutcome> judge(RefreshLease lease, RefreshTask task, TokenReply reply, Instant sentAt) {
        return switch (task.repeats() == 0 ? reply : overall(reply)) {
            case TokenReply.Granted granted ->
                persist(
                        lease,
                        task,
                        sealer.seal(
                                lease,
                                granted.response(),
                                sentAt,
                                task.provider().timers()));
            case TokenReply.Rejected refused -> {
                announce(lease, task, "rejected", refused.code());
                yield confirmation.refused(lease, refused);
            }
            case TokenReply.Misconfigured wrong -> {
                announce(lease, task, "misconfigured", wrong.code());
                // a wrong client is no news of this grant, and the gate keeps everybody away; anything else may be
                yield (wrong.blamesClient()
                                ? giveBack(lease, Duration.ZERO)
                                : release(lease, wrong.code(), false, OURS_TO_FIX))
                        .replaceWith(new RefreshOutcome.Misconfigured(wrong.code()));
            }
            case TokenReply.Deferred later -> deferred(lease, task, later);
            case TokenReply.Unknown unknown -> unknown(lease, task, unknown);
        };
    }

    /** A repetition that was not carried out says nothing about the request before it. */
    private static TokenReply overall(TokenReply last) {
        return switch (last) {
            case TokenReply.Granted granted -> granted;
            case TokenReply.Rejected refused ->
                new TokenReply.Rejected(InvalidGrantConfirmation.ROTATION_LOST, refused.certain());
            default -> new TokenReply.Unknown(last.code());
        };
    }

    private Uni<RefreshOutcome> persist(RefreshLease lease, RefreshTask task, SealedGrant grant) {
        surge.renewed(lease.credential());
        return persister.keep(lease, grant, task.start());
    }

    private Uni<RefreshOutcome> deferred(RefreshLease lease, RefreshTask task, TokenReply.Deferred reply) {
        Duration wish = reply.retryAfter().orElseGet(() -> reply.everybody() ? A_BREATH : backoff(lease));
        Duration delay = wish.compareTo(A_BREATH) < 0 ? A_BREATH : wish;
        announce(lease, task, "deferred", reply.code());
        return (reply.everybody() ? giveBack(lease, delay) : release(lease, reply.code(), true, delay))
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), delay));
    }

    private Uni<RefreshOutcome> unknown(RefreshLease lease, RefreshTask task, TokenReply.Unknown reply) {
        Duration quarantine =
                task.provider().timers().quarantineFor(lease.credential().lifetime());
        // the first is worth a try as soon as that is safe; a provider that never makes sense is asked ever less often
        Duration pause = lease.unresolved() > 1 ? RefreshPolicy.backoff(lease.unresolved() - 2) : A_BREATH;
        announce(lease, task, "unknown", reply.code());
        return refreshes
                .suspend(lease, reply.code(), pause)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(lease, e))
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), quarantine.plus(pause)));
    }

    /** A claim that cannot be released runs out by itself, so the failure changes nothing for the caller. */
    private Uni<Void> release(RefreshLease lease, String code, boolean counts, Duration delay) {
        return refreshes
                .release(lease, code, counts, delay)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(lease, e));
    }

    /** As {@link #release}, for what says nothing about this credential: it keeps no trace of it. */
    Uni<Void> giveBack(RefreshLease lease, Duration delay) {
        return refreshes
                .yieldClaim(lease, delay)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(lease, e));
    }

    private static @Nullable Void lost(RefreshLease lease, Throwable failure) {
        LOG.warnf("credential %s: its lease is left to run out: %s", lease.key().id(), failure.getMessage());
        return null;
    }

    private static Duration backoff(RefreshLease lease) {
        return RefreshPolicy.backoff(lease.credential().refresh().failures());
    }

    private void announce(RefreshLease lease, RefreshTask task, String outcome, @Nullable String reason) {
        events.refresh(lease.credential(), task.trigger(), outcome, reason, task.claimedAt());
    }
}
