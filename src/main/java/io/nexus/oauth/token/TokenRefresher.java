package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshClaim;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * The one way to refresh, for every trigger: claim, ask the provider, persist (see {@link RefreshAttempt} for the last two). No
 * connection is held while the provider answers. Callers of one credential share one flight in this process; other replicas are
 * kept away by the lease in the row.
 */
@ApplicationScoped
class TokenRefresher {

    private static final int MAX_WAITERS = 1000;
    private static final Duration FIRST_POLL = Duration.ofMillis(50);
    private static final Duration LAST_POLL = Duration.ofSeconds(1);
    private static final Duration CROWDED = Duration.ofSeconds(1);

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final RefreshAttempt attempt;
    private final RefreshConfig config;
    private final Detached detached;
    private final SingleFlight<CredentialKey, RefreshOutcome> flights;
    private final String owner = "replica-" + UUID.randomUUID();

    TokenRefresher(
            RefreshStore refreshes,
            CredentialStore credentials,
            Counterparties counterparties,
            RefreshAttempt attempt,
            RefreshConfig config,
            Detached detached) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.catalogue = counterparties.catalogue();
        this.clients = counterparties.clients();
        this.attempt = attempt;
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
        return flights.join(seen.key(), () -> find(seen, trigger))
                .orElseGet(() -> Uni.createFrom().item(new RefreshOutcome.Deferred("too_many_waiters", CROWDED)));
    }

    /** Begins a refresh that nobody waits for. */
    void begin(StoredCredential seen, Trigger trigger) {
        flights.begin(seen.key(), () -> find(seen, trigger));
    }

    /** How the refresh of {@code seen} that runs somewhere ends. Begins none; an outcome at once when none runs. */
    Uni<RefreshOutcome> watch(StoredCredential seen) {
        return awaitOther(
                seen, FIRST_POLL, System.nanoTime() + config.longestWait().toNanos());
    }

    /** Carries out a claim that the schedule has made. */
    Uni<RefreshOutcome> settle(RefreshClaim claim, long claimedAt) {
        StoredCredential credential = claim.credential();
        Optional<OAuthProvider> provider = catalogue.find(credential.account().provider());
        if (provider.isEmpty()) {
            return attempt.abandon(claim, "unknown_provider", Trigger.DUE);
        }
        return client(credential)
                .onItemOrFailure()
                .transformToUni((client, failure) -> failure == null
                        ? attempt.carryOut(
                                claim, new RefreshAttempt.Task(provider.get(), client, claimedAt, Trigger.DUE))
                        : attempt.abandon(
                                claim,
                                failure instanceof ProviderException e ? e.code() : "client_unreadable",
                                Trigger.DUE));
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
        if (detached.isStopping()) {
            return Uni.createFrom().item(new RefreshOutcome.Deferred("stopping", CROWDED));
        }
        long claimedAt = System.nanoTime();
        return refreshes
                .claim(seen, UUID.randomUUID(), owner, provider.timers().lease())
                .chain(claim -> claim.isPresent()
                        ? attempt.carryOut(claim.get(), new RefreshAttempt.Task(provider, client, claimedAt, trigger))
                        : awaitOther(
                                seen,
                                FIRST_POLL,
                                claimedAt + config.longestWait().toNanos()));
    }

    /** Somebody else holds the claim, or did: watches the row until it tells how that ended. */
    private Uni<RefreshOutcome> awaitOther(StoredCredential seen, Duration pause, long deadline) {
        return credentials.find(seen.key()).chain(found -> {
            Optional<RefreshOutcome> known =
                    found.isEmpty() ? Optional.of(new RefreshOutcome.Gone()) : outcomeOf(seen, found.get(), deadline);
            return known.map(outcome -> Uni.createFrom().item(outcome))
                    .orElseGet(() -> Uni.createFrom()
                            .voidItem()
                            .onItem()
                            .delayIt()
                            .by(pause)
                            .chain(() -> awaitOther(seen, longer(pause), deadline)));
        });
    }

    private static Optional<RefreshOutcome> outcomeOf(StoredCredential seen, StoredCredential now, long deadline) {
        if (now.status() == CredentialStatus.REVOKED) {
            return Optional.of(new RefreshOutcome.Gone());
        }
        if (now.status() == CredentialStatus.REAUTHORIZATION_REQUIRED) {
            return Optional.of(new RefreshOutcome.Rejected(
                    Objects.requireNonNullElse(now.refresh().lastError(), "invalid_grant")));
        }
        if (now.version() > seen.version()) {
            return Optional.of(new RefreshOutcome.Renewed(now));
        }
        if (!now.refresh().leased() || System.nanoTime() > deadline) {
            String code = Objects.requireNonNullElse(now.refresh().lastError(), "refresh_in_progress");
            return Optional.of(new RefreshOutcome.Deferred(
                    code, atLeastASecond(now.refresh().blockedFor())));
        }
        return Optional.empty();
    }

    /** The client that can refresh {@code credential}: a refresh token works for the client it was given to only. */
    private Uni<ClientRegistration> client(StoredCredential credential) {
        String provider = credential.account().provider();
        String grantedTo = credential.clientId();
        return clients.get(credential.key().tenant(), provider).invoke(client -> {
            if (grantedTo != null && !grantedTo.equals(client.clientId())) {
                throw new ProviderException.Misconfigured(
                        provider, "client_changed", "the grant was given to another OAuth client");
            }
        });
    }

    private static Uni<RefreshOutcome> misconfigured(String code) {
        return Uni.createFrom().item(new RefreshOutcome.Misconfigured(code));
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LAST_POLL) > 0 ? LAST_POLL : doubled;
    }

    private static Duration atLeastASecond(Duration duration) {
        return duration.compareTo(CROWDED) < 0 ? CROWDED : duration;
    }
}
