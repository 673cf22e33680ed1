package io.nexus.oauth.token;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.RefreshClaim;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.provider.TokenReply;
import io.nexus.oauth.store.RefreshStore;
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
    private final AnswerJournal journal;
    private final AnswerKeeper keeper;
    private final GrantVerdict verdict;
    private final RejectionWave wave;
    private final SpendGuard guard;
    private final Announcer announcer;

    RefreshAttempt(
            RefreshStore refreshes,
            GrantSealer sealer,
            AnswerJournal journal,
            AnswerKeeper keeper,
            GrantVerdict verdict,
            RejectionWave wave,
            SpendGuard guard,
            Announcer announcer) {
        this.refreshes = refreshes;
        this.sealer = sealer;
        this.journal = journal;
        this.keeper = keeper;
        this.verdict = verdict;
        this.wave = wave;
        this.guard = guard;
        this.announcer = announcer;
    }

    /**
     * What an attempt needs beside its claim.
     *
     * @param claimedAt {@link System#nanoTime()} from before the claim was sent: the local view of the lease's beginning
     * @param permit hears of the provider's answers; who made it closes it
     * @param repeats how many requests of this attempt are of unknown fate
     */
    record Task(
            OAuthProvider provider,
            ClientRegistration client,
            long claimedAt,
            Trigger trigger,
            ProviderGate.Permit permit,
            int repeats) {

        Task(
                OAuthProvider provider,
                ClientRegistration client,
                long claimedAt,
                Trigger trigger,
                ProviderGate.Permit permit) {
            this(provider, client, claimedAt, trigger, permit, 0);
        }

        Task repeatedAt(long nanos) {
            return new Task(provider, client, nanos, trigger, permit, repeats + 1);
        }
    }

    /** Spends the refresh token of {@code claim} and ends the claim. */
    Uni<RefreshOutcome> carryOut(RefreshClaim claim, Task task) {
        return sealer.toSeal(claim.key().tenant())
                .onFailure(CryptoException.class)
                .call(() -> release(claim, "unreadable", true, backoff(claim)))
                .chain(() -> begin(claim, task));
    }

    private Uni<RefreshOutcome> begin(RefreshClaim claim, Task task) {
        if (task.provider().profile().refresh().isRotating() && journal.holdsNewerThan(claim)) {
            return keeper.rescue(claim, journal.newest(claim.key()));
        }
        return verdict.isHeld(claim).chain(held -> held ? verdict.hold(claim, task) : ask(claim, task));
    }

    private Uni<RefreshOutcome> ask(RefreshClaim claim, Task task) {
        OAuthCredential grant;
        try {
            grant = sealer.open(claim.credential());
        } catch (CryptoException e) {
            return release(claim, "unreadable", true, backoff(claim))
                    .chain(() -> Uni.createFrom().failure(e));
        }
        return ask(claim, task, grant);
    }

    private Uni<RefreshOutcome> ask(RefreshClaim claim, Task task, OAuthCredential grant) {
        if (hasNoTimeFor(task)) {
            return judge(claim, task, unsent("too_late"), announcer.now());
        }
        Optional<String> refusal = guard.refusal(task.provider());
        if (refusal.isPresent()) {
            return judge(claim, task, unsent(refusal.get()), announcer.now());
        }
        Instant sentAt = announcer.now();
        return task.provider()
                .refreshToken(task.client(), grant)
                .onFailure(ProviderException.class)
                .recoverWithItem(e -> new TokenReply.Misconfigured(e.code()))
                .invoke(reply -> task.permit().heard(reply, claim.key(), task.client()))
                .chain(reply ->
                        mayRepeat(task, reply) ? askAgain(claim, task, grant) : judge(claim, task, reply, sentAt));
    }

    private static TokenReply unsent(String code) {
        return new TokenReply.Deferred(code, Optional.of(A_BREATH), true);
    }

    /** Within its grace a provider answers the same token again: the same owner repeats soon, under a renewed lease. */
    private static boolean mayRepeat(Task task, TokenReply reply) {
        return reply instanceof TokenReply.Unknown unknown
                && task.repeats() < MOST_REPEATS
                && task.provider().profile().refresh().hasUsefulGrace()
                && !GIVEN_UP.contains(unknown.code());
    }

    private Uni<RefreshOutcome> askAgain(RefreshClaim claim, Task task, OAuthCredential grant) {
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(BEFORE_REPEATING)
                .chain(() -> renewed(claim, task))
                .chain(again -> again.isPresent()
                        ? ask(claim, again.get(), grant)
                        : unknown(claim, task, new TokenReply.Unknown("reply_lost")));
    }

    /** The task of the repetition; empty when the claim is not held any more. */
    private Uni<Optional<Task>> renewed(RefreshClaim claim, Task task) {
        Task again = task.repeatedAt(System.nanoTime());
        return refreshes
                .renew(claim, task.provider().timers().lease())
                .onFailure(StorageException.class)
                .recoverWithItem(false)
                .map(kept -> kept ? Optional.of(again) : Optional.empty());
    }

    /** Ends a claim that cannot be carried out for a reason that is ours to fix. */
    Uni<RefreshOutcome> abandon(RefreshClaim claim, String code, Trigger trigger) {
        announcer.refresh(claim.credential(), trigger, "misconfigured", code, System.nanoTime());
        return release(claim, code, false, OURS_TO_FIX).replaceWith(new RefreshOutcome.Misconfigured(code));
    }

    /** A pause since the claim may have used the lease up; a request sent now could overlap the next owner's. */
    private static boolean hasNoTimeFor(Task task) {
        var timers = task.provider().timers();
        long latest =
                task.claimedAt() + timers.lease().minus(timers.httpTotal()).toNanos();
        return System.nanoTime() - latest > 0;
    }

    private Uni<RefreshOutcome> judge(RefreshClaim claim, Task task, TokenReply reply, Instant sentAt) {
        return switch (task.repeats() == 0 ? reply : overall(reply)) {
            case TokenReply.Granted granted ->
                persist(
                        claim,
                        task,
                        sealer.seal(
                                claim,
                                granted.response(),
                                sentAt,
                                task.provider().timers()));
            case TokenReply.Rejected refused -> {
                announce(claim, task, "rejected", refused.code());
                yield verdict.refused(claim, refused);
            }
            case TokenReply.Misconfigured wrong -> {
                announce(claim, task, "misconfigured", wrong.code());
                // a wrong client is no news of this grant, and the gate keeps everybody away; anything else may be
                yield (Breaker.isWrongClient(wrong.code())
                                ? giveBack(claim, Duration.ZERO)
                                : release(claim, wrong.code(), false, OURS_TO_FIX))
                        .replaceWith(new RefreshOutcome.Misconfigured(wrong.code()));
            }
            case TokenReply.Deferred later -> deferred(claim, task, later);
            case TokenReply.Unknown unknown -> unknown(claim, task, unknown);
        };
    }

    /** A repetition that was not carried out says nothing about the request before it. */
    private static TokenReply overall(TokenReply last) {
        return switch (last) {
            case TokenReply.Granted granted -> granted;
            case TokenReply.Rejected refused -> new TokenReply.Rejected(GrantVerdict.ROTATION_LOST, refused.certain());
            default -> new TokenReply.Unknown(last.code());
        };
    }

    private Uni<RefreshOutcome> persist(RefreshClaim claim, Task task, SealedGrant grant) {
        wave.renewed(claim.credential());
        return keeper.keep(claim, grant, task);
    }

    private Uni<RefreshOutcome> deferred(RefreshClaim claim, Task task, TokenReply.Deferred reply) {
        Duration wish = reply.retryAfter().orElseGet(() -> reply.everybody() ? A_BREATH : backoff(claim));
        Duration delay = wish.compareTo(A_BREATH) < 0 ? A_BREATH : wish;
        announce(claim, task, "deferred", reply.code());
        return (reply.everybody() ? giveBack(claim, delay) : release(claim, reply.code(), true, delay))
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), delay));
    }

    private Uni<RefreshOutcome> unknown(RefreshClaim claim, Task task, TokenReply.Unknown reply) {
        Duration quarantine =
                task.provider().timers().quarantineFor(claim.credential().lifetime());
        // the first is worth a try as soon as that is safe; a provider that never makes sense is asked ever less often
        Duration pause = claim.unresolved() > 1 ? RefreshPolicy.backoff(claim.unresolved() - 2) : A_BREATH;
        announce(claim, task, "unknown", reply.code());
        return refreshes
                .suspend(claim, reply.code(), pause)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(claim, e))
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), quarantine.plus(pause)));
    }

    /** A claim that cannot be released runs out by itself, so the failure changes nothing for the caller. */
    private Uni<Void> release(RefreshClaim claim, String code, boolean counts, Duration delay) {
        return refreshes
                .release(claim, code, counts, delay)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(claim, e));
    }

    /** As {@link #release}, for what says nothing about this credential: it keeps no trace of it. */
    Uni<Void> giveBack(RefreshClaim claim, Duration delay) {
        return refreshes
                .yieldClaim(claim, delay)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(claim, e));
    }

    private static @Nullable Void lost(RefreshClaim claim, Throwable failure) {
        LOG.warnf("credential %s: its lease is left to run out: %s", claim.key().id(), failure.getMessage());
        return null;
    }

    private static Duration backoff(RefreshClaim claim) {
        return RefreshPolicy.backoff(claim.credential().refresh().failures());
    }

    private void announce(RefreshClaim claim, Task task, String outcome, @Nullable String reason) {
        announcer.refresh(claim.credential(), task.trigger(), outcome, reason, task.claimedAt());
    }
}
