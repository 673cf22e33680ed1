package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshClaim;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.store.RefreshStore;
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
class TokenRefresher {

    private static final int MAX_WAITERS = 1000;
    private static final Duration CROWDED = Duration.ofSeconds(1);
    private static final Duration LONGEST_TURN = Duration.ofSeconds(30);

    private final RefreshStore refreshes;
    private final RowWatch rows;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final ProviderGates gates;
    private final RefreshAttempt attempt;
    private final SpendGuard guard;
    private final RefreshConfig config;
    private final Detached detached;
    private final Event<Activity> activity;
    private final SingleFlight<CredentialKey, RefreshOutcome> flights;
    private final String owner = "replica-" + UUID.randomUUID();

    TokenRefresher(
            RefreshStore refreshes,
            RowWatch rows,
            Counterparties counterparties,
            RefreshAttempt attempt,
            SpendGuard guard,
            RefreshConfig config,
            Detached detached,
            Event<Activity> activity) {
        this.activity = activity;
        this.refreshes = refreshes;
        this.rows = rows;
        this.catalogue = counterparties.catalogue();
        this.clients = counterparties.clients();
        this.gates = counterparties.gates();
        this.attempt = attempt;
        this.guard = guard;
        this.config = config;
        this.detached = detached;
        this.flights = new SingleFlight<>(detached, MAX_WAITERS);
    }

    /** The name under which this process claims. */
    String owner() {
        return owner;
    }

    /**
     * Refreshes {@code seen}, or joins whoever does. Failures of the provider are outcomes; it fails only when the database
     * cannot be used or the stored secrets cannot be read. The refresh goes on when the caller leaves.
     */
    Uni<RefreshOutcome> refresh(StoredCredential seen, Trigger trigger) {
        if (flights.isUnderWay(seen.key())) {
            activity.fire(new Activity.Coalesced(seen.account().provider()));
        }
        return flights.join(seen.key(), () -> find(seen, trigger))
                .orElseGet(() -> Uni.createFrom().item(new RefreshOutcome.Deferred("too_many_waiters", CROWDED)));
    }

    /** Begins a refresh that nobody waits for. */
    void begin(StoredCredential seen, Trigger trigger) {
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
    Uni<RefreshOutcome> settle(RefreshClaim claim, long claimedAt, ProviderGates.Reservation slots) {
        StoredCredential credential = claim.credential();
        Optional<OAuthProvider> provider = catalogue.find(credential.account().provider());
        if (provider.isEmpty()) {
            slots.pass();
            return attempt.abandon(claim, "unknown_provider", Trigger.DUE);
        }
        return client(credential)
                .chain(client -> gates.of(claim.key().tenant(), client)
                        .map(gate -> new Due(gate, new Slotless(provider.get(), client, claimedAt, Trigger.DUE))))
                .onItemOrFailure()
                .transformToUni((due, failure) -> {
                    if (failure == null) {
                        return settle(claim, due, slots.take(due.gate()));
                    }
                    slots.pass();
                    if (failure instanceof StorageException) {
                        return attempt.giveBack(claim, CROWDED)
                                .replaceWith(new RefreshOutcome.Deferred("storage_unavailable", CROWDED));
                    }
                    return attempt.abandon(
                            claim,
                            failure instanceof ProviderException e ? e.code() : "client_unreadable",
                            Trigger.DUE);
                });
    }

    private Uni<RefreshOutcome> settle(RefreshClaim claim, Due due, Optional<ProviderGate.Permit> slot) {
        return slot.map(permit -> attempt(claim, due.task().in(permit)))
                .orElseGet(() -> detached.listen(due.gate().enter(Long.MIN_VALUE, Duration.ZERO))
                        .chain(admission -> switch (admission) {
                            case ProviderGate.Admitted in ->
                                attempt(claim, due.task().in(in.permit()));
                            case ProviderGate.Refused out ->
                                attempt.giveBack(claim, spread(out.retryAfter()))
                                        .replaceWith(outcome(out));
                        }));
    }

    private Uni<RefreshOutcome> attempt(RefreshClaim claim, RefreshAttempt.Task task) {
        return Uni.createFrom()
                .deferred(() -> attempt.carryOut(claim, task))
                .onTermination()
                .invoke(task.permit()::close);
    }

    private Uni<RefreshOutcome> find(StoredCredential seen, Trigger trigger) {
        Optional<OAuthProvider> provider = catalogue.find(seen.account().provider());
        if (provider.isEmpty()) {
            return misconfigured("unknown_provider");
        }
        return client(seen).onItemOrFailure().transformToUni((client, failure) -> switch (failure) {
            case null -> claim(seen, provider.get(), client, trigger);
            case ProviderException e -> misconfigured(e.code());
            default -> Uni.createFrom().failure(failure);
        });
    }

    private Uni<RefreshOutcome> claim(
            StoredCredential seen, OAuthProvider provider, ClientRegistration client, Trigger trigger) {
        Optional<String> refusal = guard.refusal(provider);
        if (refusal.isPresent()) {
            return Uni.createFrom().item(new RefreshOutcome.Deferred(refusal.get(), CROWDED));
        }
        long deadline =
                seen.expiresAt() == null ? Long.MAX_VALUE : seen.expiresAt().toEpochMilli();
        return gates.of(seen.key().tenant(), client)
                .chain(gate -> detached.listen(gate.enter(deadline, config.maxWait())))
                .chain(admission -> switch (admission) {
                    case ProviderGate.Admitted in -> claim(seen, provider, client, trigger, in.permit());
                    case ProviderGate.Refused out -> Uni.createFrom().item(outcome(out));
                });
    }

    /** The slot comes before the lease: who waits for one would use the other up. */
    private Uni<RefreshOutcome> claim(
            StoredCredential seen,
            OAuthProvider provider,
            ClientRegistration client,
            Trigger trigger,
            ProviderGate.Permit permit) {
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
                .chain(claim -> {
                    if (claim.isPresent()) {
                        return attempt(
                                claim.get(), new RefreshAttempt.Task(provider, client, claimedAt, trigger, permit));
                    }
                    permit.close();
                    return watch(seen);
                });
    }

    private static RefreshOutcome outcome(ProviderGate.Refused refused) {
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
    private Uni<Optional<RefreshClaim>> claimed(StoredCredential seen, Duration lease) {
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
        if (!now.refresh().leased() || last || detached.isStopping()) {
            String code = Objects.requireNonNullElse(now.refresh().lastError(), "refresh_in_progress");
            return Optional.of(new RefreshOutcome.Deferred(
                    code, atLeastASecond(now.refresh().blockedFor())));
        }
        return Optional.empty();
    }

    /** The client that can refresh {@code credential}: a refresh token works for the client it was given to only, at its host. */
    private Uni<ClientRegistration> client(StoredCredential credential) {
        return clients.get(
                credential.key().tenant(),
                credential.account().provider(),
                credential.clientId(),
                credential.clientVars());
    }

    private static Uni<RefreshOutcome> misconfigured(String code) {
        return Uni.createFrom().item(new RefreshOutcome.Misconfigured(code));
    }

    private static Duration atLeastASecond(Duration duration) {
        return duration.compareTo(CROWDED) < 0 ? CROWDED : duration;
    }

    /** What the schedule claimed, and the gate it has to pass. */
    private record Due(ProviderGate gate, Slotless task) {}

    /** A task that has no slot yet. */
    private record Slotless(OAuthProvider provider, ClientRegistration client, long claimedAt, Trigger trigger) {
        RefreshAttempt.Task in(ProviderGate.Permit permit) {
            return new RefreshAttempt.Task(provider, client, claimedAt, trigger, permit);
        }
    }
}
