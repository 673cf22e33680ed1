package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ClientLimiters;
import io.nexus.oauth.token.client.ProviderClients;
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
 * The one way to refresh, for every trigger: claim, ask the provider, persist (see {@link RefreshAttempt} for the last two). No
 * connection is held while the provider answers. Callers of one credential share one flight in this process; other replicas are
 * kept away by the lease in the row.
 */
@ApplicationScoped
public class TokenRefresher {

    private static final int MAX_WAITERS = 1000;
    private static final Duration CROWDED = Duration.ofSeconds(1);
    private static final Duration LONGEST_TURN = Duration.ofSeconds(30);

    private final RefreshStore refreshes;
    private final RefreshCompletionPoller rows;
    private final ProviderClients clients;
    private final RefreshAttempt attempt;
    private final RefreshPreconditions guard;
    private final RefreshConfig config;
    private final CancellationShield shield;
    private final Event<Activity> activity;
    private final SingleFlight<CredentialKey, RefreshOutcome> flights;
    private final String owner = "replica-" + UUID.randomUUID();

    TokenRefresher(
            RefreshStore refreshes,
            RefreshCompletionPoller rows,
            ProviderClients clients,
            RefreshAttempt attempt,
            RefreshPreconditions guard,
            RefreshConfig config,
            CancellationShield shield,
            Event<Activity> activity) {
        this.activity = activity;
        this.refreshes = refreshes;
        this.rows = rows;
        this.clients = clients;
        this.attempt = attempt;
        this.guard = guard;
        this.config = config;
        this.shield = shield;
        this.flights = new SingleFlight<>(shield, MAX_WAITERS);
    }

    /** The name under which this process claims. */
    String owner() {
        return owner;
    }

    /**
     * Refreshes {@code seen}, or joins whoever does. Failures of the provider are outcomes; it fails only when the database
     * cannot be used or the stored secrets cannot be read. The refresh goes on when the caller leaves.
     */
    public Uni<RefreshOutcome> refresh(StoredCredential seen, RefreshTrigger trigger) {
        if (flights.isUnderWay(seen.key())) {
            activity.fire(new Activity.Coalesced(seen.account().provider()));
        }
        return flights.join(seen.key(), () -> find(seen, trigger))
                .orElseGet(() -> Uni.createFrom().item(new RefreshOutcome.Deferred("too_many_waiters", CROWDED)));
    }

    /** Begins a refresh that nobody waits for. */
    public void begin(StoredCredential seen, RefreshTrigger trigger) {
        flights.begin(seen.key(), () -> find(seen, trigger));
    }

    /** How the refresh of {@code seen} that runs somewhere ends. Begins none; an outcome at once when none runs. */
    Uni<RefreshOutcome> watch(StoredCredential seen) {
        return rows.watch(
                seen.key(),
                System.nanoTime() + config.longestWait().toNanos(),
                (now, last) -> outcomeOf(seen, now, last));
    }

    /**
     * Carries out a claim that the schedule has made, in a slot of {@code slots} or one that is free right now. A claim that finds
     * none goes back.
     */
    Uni<RefreshOutcome> settle(RefreshLease lease, long claimedAt, ClientLimiters.Reservation slots) {
        StoredCredential credential = lease.credential();
        Optional<OAuthProvider> provider = clients.find(credential.account().provider());
        if (provider.isEmpty()) {
            slots.pass();
            return attempt.abandon(lease, "unknown_provider", RefreshTrigger.DUE);
        }
        return clients.of(credential)
                .chain(client -> clients.limiter(lease.key().tenant(), client)
                        .map(limiter -> new Due(
                                limiter,
                                new Slotless(provider.get(), client, new RefreshStart(RefreshTrigger.DUE, claimedAt)))))
                .onItemOrFailure()
                .transformToUni((due, failure) -> {
                    if (failure == null) {
                        return settle(lease, due, slots.take(due.limiter()));
                    }
                    slots.pass();
                    if (failure instanceof StorageException) {
                        return attempt.giveBack(lease, CROWDED)
                                .replaceWith(new RefreshOutcome.Deferred("storage_unavailable", CROWDED));
                    }
                    return attempt.abandon(
                            lease,
                            failure instanceof ProviderException e ? e.code() : "client_unreadable",
                            RefreshTrigger.DUE);
                });
    }

    private Uni<RefreshOutcome> settle(RefreshLease lease, Due due, Optional<ClientLimiter.Permit> slot) {
        return slot.map(permit -> attempt(lease, due.task().in(permit)))
                .orElseGet(() -> shield.listen(due.limiter().enter(Long.MIN_VALUE, Duration.ZERO))
                        .chain(admission -> switch (admission) {
                            case ClientLimiter.Admitted in ->
                                attempt(lease, due.task().in(in.permit()));
                            case ClientLimiter.Refused out ->
                                attempt.giveBack(lease, spread(out.retryAfter()))
                                        .replaceWith(outcome(out));
                        }));
    }

    private Uni<RefreshOutcome> attempt(RefreshLease lease, RefreshTask task) {
        return Uni.createFrom()
                .deferred(() -> attempt.carryOut(lease, task))
                .onTermination()
                .invoke(task.permit()::close);
    }

    private Uni<RefreshOutcome> find(StoredCredential seen, RefreshTrigger trigger) {
        Optional<OAuthProvider> provider = clients.find(seen.account().provider());
        if (provider.isEmpty()) {
            return misconfigured("unknown_provider");
        }
        return clients.of(seen).onItemOrFailure().transformToUni((client, failure) -> switch (failure) {
            case null -> claim(seen, provider.get(), client, trigger);
            case ProviderException e -> misconfigured(e.code());
            default -> Uni.createFrom().failure(failure);
        });
    }

    private Uni<RefreshOutcome> claim(
            StoredCredential seen, OAuthProvider provider, ClientRegistration client, RefreshTrigger trigger) {
        Optional<String> refusal = guard.refusal(provider);
        if (refusal.isPresent()) {
            return Uni.createFrom().item(new RefreshOutcome.Deferred(refusal.get(), CROWDED));
        }
        long deadline =
                seen.expiresAt() == null ? Long.MAX_VALUE : seen.expiresAt().toEpochMilli();
        return clients.limiter(seen.key().tenant(), client)
                .chain(limiter -> shield.listen(limiter.enter(deadline, config.maxWait())))
                .chain(admission -> switch (admission) {
                    case ClientLimiter.Admitted in -> claim(seen, provider, client, trigger, in.permit());
                    case ClientLimiter.Refused out -> Uni.createFrom().item(outcome(out));
                });
    }

    /** The slot comes before the lease: who waits for one would use the other up. */
    private Uni<RefreshOutcome> claim(
            StoredCredential seen,
            OAuthProvider provider,
            ClientRegistration client,
            RefreshTrigger trigger,
            ClientLimiter.Permit permit) {
        Optional<String> refusal = guard.refusal(provider);
        if (refusal.isPresent()) { // the wait for the slot may have been long
            permit.close();
            return Uni.createFrom().item(new RefreshOutcome.Deferred(refusal.get(), CROWDED));
        }
        long claimedAt = System.nanoTime();
        return Uni.createFrom()
                .deferred(() -> claimed(seen, provider.timers().lease()))
                .onFailure()
                .invoke(permit::close)
                .chain(lease -> {
                    if (lease.isPresent()) {
                        return attempt(
                                lease.get(),
                                new RefreshTask(provider, client, new RefreshStart(trigger, claimedAt), permit));
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

    /** Long enough for others to have their turn, not as long as a gate may stay shut, and not all at once. */
    private static Duration spread(Duration shut) {
        Duration capped = shut.compareTo(LONGEST_TURN) > 0 ? LONGEST_TURN : atLeastASecond(shut);
        return capped.plusMillis(ThreadLocalRandom.current().nextLong(capped.toMillis() / 4 + 1));
    }

    /** A claim whose answer was lost may hold all the same. It is not made again, but looked for; not found, it runs out. */
    private Uni<Optional<RefreshLease>> claimed(StoredCredential seen, Duration lease) {
        UUID id = UUID.randomUUID();
        return refreshes
                .claim(seen, id, owner, lease)
                .onFailure(failure -> failure instanceof StorageException lost && !lost.isRefusal())
                .recoverWithUni(lost -> refreshes
                        .claimOf(seen.key(), id)
                        .onItem()
                        .transformToUni(found -> found.isPresent()
                                ? Uni.createFrom().item(found)
                                : Uni.createFrom().failure(lost)));
    }

    /** What the row tells who waits for another's refresh; empty while that goes on. */
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
            String code = Objects.requireNonNullElse(now.refresh().lastError(), "refresh_in_progress");
            return Optional.of(new RefreshOutcome.Deferred(
                    code, atLeastASecond(now.refresh().blockedFor())));
        }
        return Optional.empty();
    }

    private static Uni<RefreshOutcome> misconfigured(String code) {
        return Uni.createFrom().item(new RefreshOutcome.Misconfigured(code));
    }

    private static Duration atLeastASecond(Duration duration) {
        return duration.compareTo(CROWDED) < 0 ? CROWDED : duration;
    }

    /** What the schedule claimed, and the gate it has to pass. */
    private record Due(ClientLimiter limiter, Slotless task) {}

    /** A task that has no slot yet. */
    private record Slotless(OAuthProvider provider, ClientRegistration client, RefreshStart start) {
        RefreshTask in(ClientLimiter.Permit permit) {
            return new RefreshTask(provider, client, start, permit);
        }
    }
}
