package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantJournal;
import io.nexus.oauth.token.grant.GrantPersister;
import io.nexus.oauth.token.grant.GrantSealer;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshPolicy;
import io.nexus.oauth.token.grant.RefreshStart;
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
 * One refresh under a lease: sends the request to the provider, and ends the lease as the response requires. Runs to its end
 * even if every caller has disconnected. A request of unknown outcome is repeated here only within the provider's grace;
 * otherwise the next lease repeats it.
 */
@ApplicationScoped
class RefreshAttempt {

    private static final Logger LOG = Logger.getLogger(RefreshAttempt.class);
    private static final Duration MIN_RETRY_DELAY = Duration.ofSeconds(1);
    private static final Duration MISCONFIGURED_BACKOFF = Duration.ofMinutes(1);

    /** How often a request of unknown outcome is repeated at once, where the provider's grace makes that safe. */
    private static final int MAX_REPEATS = 2;

    /** Gives the provider time to finish the first request, because its later response is the valid one. */
    private static final Duration REPEAT_DELAY = Duration.ofSeconds(1);

    /** Codes of requests that the provider may still be working on: a repetition could overtake them. */
    private static final Set<String> TIMEOUTS = Set.of("reply_timeout", "provider_timeout");

    private final RefreshStore refreshes;
    private final GrantSealer sealer;
    private final GrantJournal journal;
    private final GrantPersister persister;
    private final InvalidGrantConfirmation confirmation;
    private final RejectionSurge surge;
    private final RefreshPreconditions preconditions;
    private final GrantEvents events;

    RefreshAttempt(
            RefreshStore refreshes,
            GrantSealer sealer,
            GrantJournal journal,
            GrantPersister persister,
            InvalidGrantConfirmation confirmation,
            RejectionSurge surge,
            RefreshPreconditions preconditions,
            GrantEvents events) {
        this.refreshes = refreshes;
        this.sealer = sealer;
        this.journal = journal;
        this.persister = persister;
        this.confirmation = confirmation;
        this.surge = surge;
        this.preconditions = preconditions;
        this.events = events;
    }

    /** As {@link GrantPersister#expect}: notices a revocation from the lease on. The caller runs the result at the end. */
    Runnable expect(RefreshLease lease) {
        return persister.expect(lease);
    }

    /** Loads the tenant's key if this process lacks it. A failure is left to {@link #carryOut}, which repeats this. */
    Uni<Void> prepare(RefreshLease lease) {
        return sealer.ensureSealable(lease.key().tenant()).onFailure().recoverWithNull();
    }

    /** Uses the refresh token of {@code lease} and ends the lease. */
    Uni<RefreshOutcome> carryOut(RefreshLease lease, RefreshTask task) {
        return sealer.ensureSealable(lease.key().tenant())
                .onFailure(CryptoException.class)
                .call(() -> release(lease, "unreadable", true, backoff(lease)))
                .chain(() -> begin(lease, task));
    }

    private Uni<RefreshOutcome> begin(RefreshLease lease, RefreshTask task) {
        if (task.provider().spends(lease.credential().request()) && journal.holdsNewerThan(lease)) {
            return persister.rescue(lease, journal.newest(lease.key()));
        }
        Duration rest = lease.credential()
                .restOfInterval(events.now(), task.provider().timers().minInterval());
        if (rest.isPositive()) {
            return yieldLease(lease, rest).replaceWith(new RefreshOutcome.Deferred("min_interval", rest));
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
        Optional<String> refusal = preconditions.refusal(task.provider(), lease.credential(), task.leasedAt());
        if (refusal.isPresent()) {
            return judge(lease, task, unsent(refusal.get()), events.now());
        }
        Instant sentAt = events.now();
        journal.expect(lease.attempt());
        return task.provider()
                .refreshToken(task.client(), grant)
                .onFailure(ProviderException.class)
                .recoverWithItem(e -> new TokenReply.Misconfigured(e.code(), false))
                .invoke(reply -> task.permit().record(reply, lease.key(), worked(lease), task.client()))
                .chain(reply ->
                        mayRepeat(lease, task, reply) ? repeat(lease, task, grant) : judge(lease, task, reply, sentAt))
                .onTermination()
                .invoke(() -> journal.expectNoMore(lease.attempt()));
    }

    private static boolean worked(RefreshLease lease) {
        return !lease.credential().isMachine() && lease.credential().refresh().lastError() == null;
    }

    private static TokenReply unsent(String code) {
        return new TokenReply.Deferred(code, Optional.of(MIN_RETRY_DELAY), true);
    }

    /** Within its grace a provider accepts the same refresh token again: the same owner repeats, under a renewed lease. */
    private static boolean mayRepeat(RefreshLease lease, RefreshTask task, TokenReply reply) {
        return reply instanceof TokenReply.Unknown unknown
                && task.repeats() < MAX_REPEATS
                && task.provider().spends(lease.credential().request())
                && task.provider().profile().refresh().hasUsefulGrace()
                && !TIMEOUTS.contains(unknown.code());
    }

    private Uni<RefreshOutcome> repeat(RefreshLease lease, RefreshTask task, OAuthCredential grant) {
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(REPEAT_DELAY)
                .chain(() -> renewed(lease, task))
                .chain(again -> again.isPresent()
                        ? ask(lease, again.get(), grant)
                        : unknown(lease, task, new TokenReply.Unknown("reply_lost")));
    }

    /** The task of the repetition; empty when the lease was lost. */
    private Uni<Optional<RefreshTask>> renewed(RefreshLease lease, RefreshTask task) {
        RefreshTask again = task.repeatedAt(start(task.trigger()));
        return refreshes
                .renew(lease, task.provider().timers().lease())
                .onFailure(StorageException.class)
                .recoverWithItem(false)
                .map(kept -> kept ? Optional.of(again) : Optional.empty());
    }

    /** Ends a lease that cannot be used until an operator fixes the configuration. */
    Uni<RefreshOutcome> abandon(RefreshLease lease, String code, RefreshTrigger trigger) {
        events.refresh(lease.credential(), trigger, "misconfigured", code, System.nanoTime());
        return release(lease, code, false, MISCONFIGURED_BACKOFF).replaceWith(new RefreshOutcome.Misconfigured(code));
    }

    /** The start of an attempt whose lease is requested now. */
    RefreshStart start(RefreshTrigger trigger) {
        return new RefreshStart(trigger, System.nanoTime(), events.now());
    }

    /**
     * Whether a pause of this process has used up the lease: a request sent now could overlap that of the next owner. The
     * first clock does not count while the machine is suspended; the second can be set back.
     */
    private boolean hasNoTimeFor(RefreshTask task) {
        var timers = task.provider().timers();
        Duration usable = timers.lease().minus(timers.httpTotal());
        return System.nanoTime() - task.leasedAt() > usable.toNanos()
                || events.now().isAfter(task.start().at().plus(usable));
    }

    private Uni<RefreshOutcome> judge(RefreshLease lease, RefreshTask task, TokenReply reply, Instant sentAt) {
        return switch (task.repeats() == 0 ? reply : overall(reply)) {
            case TokenReply.Granted granted ->
                persist(lease, task, sealer.seal(lease, granted.response(), sentAt, timers(lease, task)));
            case TokenReply.Rejected refused -> {
                fireRefresh(lease, task, "rejected", refused.code());
                yield confirmation.refused(lease, refused);
            }
            case TokenReply.Refused refused -> {
                fireRefresh(lease, task, "rejected", refused.code());
                yield confirmation.refused(lease, refused);
            }
            case TokenReply.Misconfigured wrong -> {
                fireRefresh(lease, task, "misconfigured", wrong.code());
                // a refused client says nothing about this grant, and the limiter blocks its requests
                yield wrong.client()
                        ? yieldLease(lease, Duration.ZERO).replaceWith(new RefreshOutcome.Misconfigured(wrong.code()))
                        : confirmation.misconfigured(lease, wrong);
            }
            case TokenReply.Deferred later -> deferred(lease, task, later);
            case TokenReply.Unknown unknown -> unknown(lease, task, unknown);
        };
    }

    /** The reply to the whole attempt: only a definite reply to the repetition tells the outcome of the first request. */
    private static TokenReply overall(TokenReply last) {
        return switch (last) {
            case TokenReply.Granted granted -> granted;
            case TokenReply.Rejected refused ->
                new TokenReply.Rejected(InvalidGrantConfirmation.ROTATION_LOST, refused.certain());
            default -> new TokenReply.Unknown(last.code());
        };
    }

    private Uni<RefreshOutcome> persist(RefreshLease lease, RefreshTask task, SealedGrant grant) {
        if (!lease.credential().isMachine()) { // it says nothing about the grants of people
            surge.renewed(lease.credential());
        }
        return persister.persist(lease, grant, task.start());
    }

    private Uni<RefreshOutcome> deferred(RefreshLease lease, RefreshTask task, TokenReply.Deferred reply) {
        Duration requested = reply.retryAfter().orElseGet(() -> reply.clientWide() ? MIN_RETRY_DELAY : backoff(lease));
        Duration delay = requested.compareTo(MIN_RETRY_DELAY) < 0 ? MIN_RETRY_DELAY : requested;
        fireRefresh(lease, task, "deferred", reply.code());
        return (reply.clientWide() ? yieldLease(lease, delay) : release(lease, reply.code(), true, delay))
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), delay));
    }

    private Uni<RefreshOutcome> unknown(RefreshLease lease, RefreshTask task, TokenReply.Unknown reply) {
        Duration quarantine =
                timers(lease, task).quarantineFor(lease.credential().lifetime());
        // the first retry follows as soon as that is safe; a provider that keeps sending invalid replies is asked less
        // often
        Duration pause = lease.unresolved() > 1 ? RefreshPolicy.backoff(lease.unresolved() - 2) : MIN_RETRY_DELAY;
        fireRefresh(lease, task, "unknown", reply.code());
        journal.expect(lease.attempt(), quarantine);
        return refreshes
                .suspend(lease, reply.code(), pause)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> leaveToExpire(lease, e))
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), quarantine.plus(pause)));
    }

    private static RefreshTimers timers(RefreshLease lease, RefreshTask task) {
        return task.provider().timers(lease.credential().request());
    }

    /** Ends the lease with an error code. A failure leaves the lease to expire and changes nothing for the caller. */
    private Uni<Void> release(RefreshLease lease, String code, boolean counts, Duration delay) {
        return refreshes
                .release(lease, code, counts, delay)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> leaveToExpire(lease, e));
    }

    /** As {@link #release}, for a reason that does not concern this credential: the row keeps no error code. */
    Uni<Void> yieldLease(RefreshLease lease, Duration delay) {
        return refreshes
                .yieldLease(lease, delay)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> leaveToExpire(lease, e));
    }

    private static @Nullable Void leaveToExpire(RefreshLease lease, Throwable failure) {
        LOG.warnf(
                "Credential %s: the lease cannot be released and expires by itself: %s",
                lease.key().id(), failure.getMessage());
        return null;
    }

    private static Duration backoff(RefreshLease lease) {
        return RefreshPolicy.backoff(lease.credential().refresh().failures());
    }

    private void fireRefresh(RefreshLease lease, RefreshTask task, String outcome, @Nullable String reason) {
        events.refresh(lease.credential(), task.trigger(), outcome, reason, task.leasedAt());
    }
}
