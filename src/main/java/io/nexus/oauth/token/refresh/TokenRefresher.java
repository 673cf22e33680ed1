package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.client.SlotReservation;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshStart;
import io.nexus.oauth.token.grant.RefreshTrigger;
import io.nexus.oauth.token.grant.SingleFlight;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Refreshes a credential, for every trigger: takes the lease, asks the provider and stores the response (the last two in {@link
 * RefreshAttempt}). No database connection is held while the provider answers. In this process, callers of one credential
 * share one refresh. The lease in the row excludes other replicas.
 */
@ApplicationScoped
public class TokenRefresher {

    private static final int MAX_WAITERS = 1000;
    private static final Duration MIN_RETRY_AFTER = Duration.ofSeconds(1);
    private static final Duration MAX_YIELD = Duration.ofSeconds(30);

    /** How many leased credentials of the schedule have their client and keys read at once. */
    private static final int LOOK_UPS_AT_ONCE = 4;

    private final RefreshStore refreshes;
    private final RefreshCompletionPoller poller;
    private final ProviderClients clients;
    private final RefreshAttempt attempt;
    private final RefreshPreconditions preconditions;
    private final RefreshConfig config;
    private final CancellationShield shield;
    private final Event<Activity> activity;
    private final SingleFlight<CredentialKey, RefreshOutcome> flights;
    private final ConcurrencyGate lookUps;
    private final String owner = "replica-" + UUID.randomUUID();

    TokenRefresher(
            RefreshStore refreshes,
            RefreshCompletionPoller poller,
            ProviderClients clients,
            RefreshAttempt attempt,
            RefreshPreconditions preconditions,
            RefreshConfig config,
            CancellationShield shield,
            Event<Activity> activity) {
        this.activity = activity;
        this.refreshes = refreshes;
        this.poller = poller;
        this.clients = clients;
        this.attempt = attempt;
        this.preconditions = preconditions;
        this.config = config;
        this.shield = shield;
        this.flights = new SingleFlight<>(shield, MAX_WAITERS);
        this.lookUps = new ConcurrencyGate(shield, LOOK_UPS_AT_ONCE);
    }

    /** The name of this process as the owner of leases. */
    String owner() {
        return owner;
    }

    /**
     * Refreshes {@code seen}, or joins a refresh of it that is under way. A failure of the provider is an outcome. Fails only
     * when the database is unavailable or a stored secret cannot be decrypted. Does not block; the refresh goes on if the
     * caller cancels.
     */
    public Uni<RefreshOutcome> refresh(StoredCredential seen, RefreshTrigger trigger) {
        if (flights.isUnderWay(seen.key())) {
            activity.fire(new Activity.Coalesced(seen.account().provider()));
        }
        return flights.join(seen.key(), () -> start(seen, trigger))
                .orElseGet(
                        () -> Uni.createFrom().item(new RefreshOutcome.Deferred("too_many_waiters", MIN_RETRY_AFTER)));
    }

    /** Starts a refresh in the background. */
    public void begin(StoredCredential seen, RefreshTrigger trigger) {
        flights.begin(seen.key(), () -> start(seen, trigger));
    }

    /** The outcome of a refresh of {@code seen} by any replica. Starts none; completes at once when none is under way. */
    Uni<RefreshOutcome> watch(StoredCredential seen) {
        return poller.watch(
                seen.key(),
                System.nanoTime() + config.longestWait().toNanos(),
                (now, last) -> outcomeOf(seen, now, last));
    }

    /** The start of scheduled attempts whose leases are requested now. */
    RefreshStart start() {
        return attempt.start(RefreshTrigger.DUE);
    }

    /**
     * Reads what the refresh under a lease of the schedule needs, and takes a slot of {@code slots} or one that is free now. The
     * caller has to start the refresh that it returns. Without a free slot that refresh yields the lease. Never fails.
     */
    Uni<PreparedRefresh> prepare(RefreshLease lease, RefreshStart start, SlotReservation slots) {
        Runnable over = attempt.expect(lease);
        return lookUps.run(() -> task(lease, start)).onItemOrFailure().transform((task, failure) -> {
            if (failure == null) {
                Optional<ClientLimiter.Permit> slot = slots.take(task.limiter());
                return () ->
                        refreshUnderLease(lease, task, slot).onTermination().invoke(over);
            }
            slots.skip();
            return () -> giveUp(lease, failure).onTermination().invoke(over);
        });
    }

    private Uni<LeasedTask> task(RefreshLease lease, RefreshStart start) {
        StoredCredential credential = lease.credential();
        OAuthProvider provider = clients.get(credential.account().provider());
        return attempt.prepare(lease)
                .chain(() -> clients.of(credential))
                .chain(client -> clients.limiter(lease.key().tenant(), client)
                        .map(limiter -> new LeasedTask(limiter, new TaskWithoutPermit(provider, client, start))));
    }

    private Uni<RefreshOutcome> giveUp(RefreshLease lease, Throwable failure) {
        if (failure instanceof StorageException) {
            return attempt.yieldLease(lease, MIN_RETRY_AFTER)
                    .replaceWith(new RefreshOutcome.Deferred("storage_unavailable", MIN_RETRY_AFTER));
        }
        return attempt.abandon(
                lease, failure instanceof ProviderException e ? e.code() : "client_unreadable", RefreshTrigger.DUE);
    }

    private Uni<RefreshOutcome> refreshUnderLease(
            RefreshLease lease, LeasedTask task, Optional<ClientLimiter.Permit> slot) {
        return slot.map(permit -> attempt(lease, task.task().in(permit)))
                .orElseGet(() -> shield.listen(task.limiter().enter(Long.MIN_VALUE, Duration.ZERO))
                        .chain(admission -> switch (admission) {
                            case ClientLimiter.Admitted in ->
                                attempt(lease, task.task().in(in.permit()));
                            case ClientLimiter.Refused out ->
                                attempt.yieldLease(lease, spread(out.retryAfter()))
                                        .replaceWith(outcome(out));
                        }));
    }

    private Uni<RefreshOutcome> attempt(RefreshLease lease, RefreshTask task) {
        return Uni.createFrom()
                .deferred(() -> attempt.carryOut(lease, task))
                .onTermination()
                .invoke(task.permit()::close);
    }

    private Uni<RefreshOutcome> start(StoredCredential seen, RefreshTrigger trigger) {
        Optional<OAuthProvider> provider = clients.find(seen.account().provider());
        if (provider.isEmpty()) {
            return misconfigured("unknown_provider");
        }
        return clients.of(seen).onItemOrFailure().transformToUni((client, failure) -> switch (failure) {
            case null -> waitForSlot(seen, provider.get(), client, trigger);
            case ProviderException e -> misconfigured(e.code());
            default -> Uni.createFrom().failure(failure);
        });
    }

    private Uni<RefreshOutcome> waitForSlot(
            StoredCredential seen, OAuthProvider provider, ClientRegistration client, RefreshTrigger trigger) {
        Optional<String> refusal = preconditions.refusal(provider, seen);
        if (refusal.isPresent()) {
            return Uni.createFrom().item(new RefreshOutcome.Deferred(refusal.get(), MIN_RETRY_AFTER));
        }
        long deadline =
                seen.expiresAt() == null ? Long.MAX_VALUE : seen.expiresAt().toEpochMilli();
        return clients.limiter(seen.key().tenant(), client)
                .chain(limiter -> shield.listen(limiter.enter(deadline, config.maxWait())))
                .chain(admission -> switch (admission) {
                    case ClientLimiter.Admitted in -> leaseAndAttempt(seen, provider, client, trigger, in.permit());
                    case ClientLimiter.Refused out -> Uni.createFrom().item(outcome(out));
                });
    }

    /** Takes the slot before the lease, because waiting for a slot would use up the lease. */
    private Uni<RefreshOutcome> leaseAndAttempt(
            StoredCredential seen,
            OAuthProvider provider,
            ClientRegistration client,
            RefreshTrigger trigger,
            ClientLimiter.Permit permit) {
        Optional<String> refusal = preconditions.refusal(provider, seen);
        if (refusal.isPresent()) { // checked again, because the wait for the slot may have been long
            permit.close();
            return Uni.createFrom().item(new RefreshOutcome.Deferred(refusal.get(), MIN_RETRY_AFTER));
        }
        RefreshStart start = attempt.start(trigger);
        return Uni.createFrom()
                .deferred(() -> takeLease(seen, provider.timers().lease()))
                .onFailure()
                .invoke(permit::close)
                .chain(lease -> {
                    if (lease.isPresent()) {
                        Runnable over = attempt.expect(lease.get());
                        RefreshTask task = new RefreshTask(provider, client, start, permit);
                        return attempt(lease.get(), task).onTermination().invoke(over);
                    }
                    permit.close();
                    return watch(seen);
                });
    }

    private static RefreshOutcome outcome(ClientLimiter.Refused refused) {
        return refused.misconfigured()
                ? new RefreshOutcome.Misconfigured(refused.code())
                : new RefreshOutcome.Deferred(refused.code(), atLeastASecond(refused.retryAfter()));
    }

    /**
     * Between 1 s and 30 s, so that other replicas can take the lease meanwhile; with jitter, so that leases do not end
     * together.
     */
    private static Duration spread(Duration retryAfter) {
        Duration capped = retryAfter.compareTo(MAX_YIELD) > 0 ? MAX_YIELD : atLeastASecond(retryAfter);
        return capped.plusMillis(ThreadLocalRandom.current().nextLong(capped.toMillis() / 4 + 1));
    }

    /** Takes the lease. If the database's answer is lost, the lease may hold: looks for it, and does not take it again. */
    private Uni<Optional<RefreshLease>> takeLease(StoredCredential seen, Duration lease) {
        UUID id = UUID.randomUUID();
        return refreshes
                .takeLease(seen, id, owner, lease)
                .onFailure(failure -> failure instanceof StorageException lost && !lost.isRefusal())
                .recoverWithUni(lost -> refreshes
                        .leaseOf(seen.key(), id)
                        .onItem()
                        .transformToUni(found -> found.isPresent()
                                ? Uni.createFrom().item(found)
                                : Uni.createFrom().failure(lost)));
    }

    /** The outcome that the row implies for a caller that waits for another replica; empty while the refresh is under way. */
    private Optional<RefreshOutcome> outcomeOf(StoredCredential seen, Optional<StoredCredential> found, boolean last) {
        if (found.isEmpty() || found.get().status() == CredentialStatus.REVOKED) {
            return Optional.of(new RefreshOutcome.Gone());
        }
        StoredCredential now = found.get();
        if (now.status() == CredentialStatus.REAUTHORIZATION_REQUIRED) {
            return Optional.of(new RefreshOutcome.Rejected(
                    Objects.requireNonNullElse(now.refresh().lastError(), "invalid_grant")));
        }
        if (now.version() > seen.version()) {
            return Optional.of(new RefreshOutcome.Renewed(now));
        }
        if (!now.refresh().leased() || last || shield.isStopping()) {
            return Optional.of(
                    RefreshOutcome.failed(now, atLeastASecond(now.refresh().blockedFor())));
        }
        return Optional.empty();
    }

    private static Uni<RefreshOutcome> misconfigured(String code) {
        return Uni.createFrom().item(new RefreshOutcome.Misconfigured(code));
    }

    private static Duration atLeastASecond(Duration duration) {
        return duration.compareTo(MIN_RETRY_AFTER) < 0 ? MIN_RETRY_AFTER : duration;
    }

    /** A refresh that waits for nothing but its start. */
    interface PreparedRefresh {
        Uni<RefreshOutcome> start();
    }

    /** The task of a leased credential and the limiter of its client. */
    private record LeasedTask(ClientLimiter limiter, TaskWithoutPermit task) {}

    /** A task that has no permit of the limiter yet. */
    private record TaskWithoutPermit(OAuthProvider provider, ClientRegistration client, RefreshStart start) {
        RefreshTask in(ClientLimiter.Permit permit) {
            return new RefreshTask(provider, client, start, permit);
        }
    }
}
