package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshTrigger;
import io.nexus.oauth.token.grant.SingleFlight;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Handles reports of callers that the provider's API refused their token. Many callers on many replicas may report the same
 * version: the first one makes the row due and refreshes it, the others wait for the outcome. The refresh goes on if the
 * caller cancels. Non-blocking.
 */
@ApplicationScoped
public class RejectionReports {

    private static final int MAX_WAITERS = 1000;
    private static final Duration RETRY_AFTER_UNDECIDED = Duration.ofSeconds(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    /** The first reporter takes its lease within a moment. After pauses up to this one, it is assumed to have failed. */
    private static final Duration LAST_PAUSE = Duration.ofMillis(400);

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final TokenRefresher refresher;
    private final SingleFlight<CredentialKey, Optional<StoredCredential>> reads;
    private final SingleFlight<Report, RefreshOutcome> flights;

    public RejectionReports(
            RefreshStore refreshes, CredentialStore credentials, TokenRefresher refresher, CancellationShield shield) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.refresher = refresher;
        this.reads = new SingleFlight<>(shield, MAX_WAITERS);
        this.flights = new SingleFlight<>(shield, MAX_WAITERS);
    }

    private record Report(CredentialKey key, long version) {}

    /** Reads the credential from the database. Up to a thousand concurrent callers share one statement. */
    public Uni<Optional<StoredCredential>> read(CredentialKey key) {
        return reads.join(key, () -> credentials.find(key)).orElseGet(() -> credentials.find(key));
    }

    /** The outcome of the report that the token of {@code seen} was refused. */
    public Uni<RefreshOutcome> report(StoredCredential seen) {
        return flights.join(new Report(seen.key(), seen.version()), () -> first(seen))
                .orElseGet(() ->
                        Uni.createFrom().item(new RefreshOutcome.Deferred("too_many_waiters", RETRY_AFTER_UNDECIDED)));
    }

    private Uni<RefreshOutcome> first(StoredCredential seen) {
        return refreshes
                .report(seen.key(), seen.version())
                .chain(mine -> mine.isPresent()
                        ? refresher.refresh(mine.get(), RefreshTrigger.REJECTED)
                        : follow(seen, FIRST_PAUSE));
    }

    /** Waits for the refresh of the first reporter and starts none, so that one version is refreshed once. */
    private Uni<RefreshOutcome> follow(StoredCredential seen, Duration pause) {
        return credentials.find(seen.key()).chain(found -> {
            if (found.isEmpty() || isDecided(seen, found.get())) {
                return refresher.watch(seen);
            }
            if (pause.compareTo(LAST_PAUSE) > 0) {
                return Uni.createFrom().item(new RefreshOutcome.Deferred("reported", RETRY_AFTER_UNDECIDED));
            }
            return Uni.createFrom()
                    .voidItem()
                    .onItem()
                    .delayIt()
                    .by(pause)
                    .chain(() -> follow(seen, pause.multipliedBy(2)));
        });
    }

    /** Whether a refresh is under way or has ended. */
    private static boolean isDecided(StoredCredential seen, StoredCredential now) {
        return now.refresh().leased()
                || now.version() > seen.version()
                || !now.isRefreshable()
                || !Objects.isNull(now.refresh().lastError());
    }
}
