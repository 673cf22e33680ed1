package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.grant.CredentialCache;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantSealer;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.UnpersistedGrants;
import io.nexus.oauth.token.refresh.RefreshSettings;
import io.nexus.oauth.token.refresh.RejectionReports;
import io.nexus.oauth.token.refresh.Replicas;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.nexus.oauth.token.refresh.TokenRefresher;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Reports of callers whose token the provider's API refused. */
@QuarkusTest
class RejectionReportsTest extends TokenFixture {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final TokenQuery AT_ONCE = new TokenQuery(Optional.empty(), Optional.of(Duration.ZERO));

    @Inject
    RefreshStore refreshes;

    @Inject
    Replicas replicas;

    @Inject
    RejectionReports reports;

    @Inject
    TokenRefresher refresher;

    @Inject
    CredentialCache warm;

    @Inject
    UnpersistedGrants unpersisted;

    @Inject
    RefreshConfig config;

    @Inject
    CancellationShield shield;

    @Inject
    Event<Activity> activity;

    @Inject
    GrantSealer sealer;

    @Inject
    AccessTokenOpener opener;

    @Inject
    GrantEvents events;

    @Test
    void refusedTokenIsReplacedHoweverLongItWouldHaveLived() {
        StoredCredential credential = connect("killing");

        AccessToken token = report(credential, 1);

        assertThat(token.freshness()).isEqualTo(Freshness.REFRESHED);
        assertThat(token.version()).isEqualTo(2);
        assertThat(provider.accepts(token.value().reveal())).isTrue();
        assertThat(database.get(credential.key().id(), "reported_version")).isEqualTo("1");
        assertThat(database.audit(credential.key().id()))
                .containsExactly("credential_created", "token_refreshed:rejected");
    }

    @Test
    void aThousandCallersAreOneRefresh() {
        StoredCredential credential = connect("strict");
        provider.delay(Duration.ofMillis(200));

        List<AccessToken> all = await(Uni.join()
                .all(Stream.generate(() -> tokens.reportRejected(credential.key(), 1, TokenQuery.DEFAULT))
                        .limit(1000)
                        .toList())
                .andFailFast());

        assertThat(all).extracting(AccessToken::version).containsOnly(2L);
        assertThat(provider.calls(user(credential))).hasSize(1);
        // and the thousand-and-first caller, after all others have ended
        assertThat(report(credential, 1).freshness()).isEqualTo(Freshness.FRESH);
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void twoReplicasAreOneRefresh() {
        StoredCredential credential = connect("strict");
        RejectionReports here = replicas.reports();
        RejectionReports there = replicas.reports();
        provider.delay(Duration.ofMillis(200));

        List<RefreshOutcome> outcomes = await(Uni.join()
                .all(IntStream.range(0, 200)
                        .mapToObj(i -> (i % 2 == 0 ? here : there).report(credential))
                        .toList())
                .andFailFast());

        // callers on the other replica poll again while the lease is not committed yet
        RefreshOutcome later = new RefreshOutcome.Deferred("reported", Duration.ofSeconds(1));
        assertThat(outcomes).hasAtLeastOneElementOfType(RefreshOutcome.Renewed.class);
        assertThat(outcomes).allMatch(each -> each instanceof RefreshOutcome.Renewed || each.equals(later));
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void whoHoldsAnOldTokenGetsTheNewOne() {
        StoredCredential credential = expired("strict");
        get(credential);

        AccessToken token = report(credential, 1);

        assertThat(token.version()).isEqualTo(2);
        assertThat(token.freshness()).isEqualTo(Freshness.FRESH);
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(database.get(credential.key().id(), "reported_version")).isEqualTo("0");
    }

    @Test
    void nobodyCanReportWhatIsNotThereYet() {
        StoredCredential credential = connect("strict");

        assertThat(catchThrowable(() -> report(credential, 2))).isInstanceOf(CredentialException.UnknownVersion.class);

        assertThat(database.get(credential.key().id(), "reported_version")).isEqualTo("0");
        assertThat(provider.arrivals()).isZero();
    }

    // one try for each version: the rest is the schedule's
    @Test
    void reportAfterAFailedRefreshBeginsNone() {
        StoredCredential credential = connect("steady");
        provider.next(user(credential), StrictProvider.status(500, "", ""));
        assertThat(report(credential, 1).warning()).isEqualTo("provider_error");
        database.set(credential.key().id(), "last_failed_at = last_failed_at - interval '31 s'");

        AccessToken token = report(credential, 1);

        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("provider_error");
        assertThat(token.version()).isEqualTo(1);
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(row(credential).refresh().nextAt())
                .isBefore(credential.refresh().nextAt());
    }

    @Test
    void coolDownHoldsReportsBackAndLeavesTheVersionOpen() {
        StoredCredential credential = connect("steady");
        provider.next(user(credential), StrictProvider.status(500, "", ""));
        await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));

        assertThat(report(credential, 1).warning()).isEqualTo("provider_error");

        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(database.get(credential.key().id(), "reported_version")).isEqualTo("0");
    }

    // the first reporter stops before it takes the lease: the row is due, and the others do not refresh
    @Test
    void reportedBeforeAndNotRunningIsLeftToTheSchedule() {
        StoredCredential credential = connect("strict");
        assertThat(await(refreshes.report(credential.key(), 1))).isPresent();

        AccessToken token = report(credential, 1);

        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("reported");
        assertThat(provider.arrivals()).isZero();
        assertThat(await(refreshes.leaseDue("strict", 10, List.of(), "schedule", Duration.ofSeconds(75))))
                .hasSize(1);
    }

    @Test
    void whoDoesNotWaitIsToldThatItRuns() {
        StoredCredential credential = connect("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var first =
                tokens.reportRejected(credential.key(), 1, TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();
        var second = replicas.reports().report(credential).subscribeAsCompletionStage();

        AccessToken impatient = await(tokens.reportRejected(credential.key(), 1, AT_ONCE));

        assertThat(impatient.warning()).isEqualTo("refresh_in_progress");
        assertThat(impatient.version()).isEqualTo(1);
        assertThat(second).isNotDone();
        hold.release();
        assertThat(first)
                .succeedsWithin(LONG)
                .satisfies(token -> assertThat(token.version()).isEqualTo(2));
        assertThat(second).succeedsWithin(LONG).isInstanceOf(RefreshOutcome.Renewed.class);
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void refreshGoesOnWhenTheReporterLeaves() {
        StoredCredential credential = connect("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        CompletableFuture<AccessToken> reporter =
                tokens.reportRejected(credential.key(), 1, TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();

        reporter.cancel(true);
        hold.release();

        Awaitility.await().until(() -> row(credential).version() == 2);
    }

    @Test
    void whatCannotBeRefreshedIsHandedOutWithAWarning() {
        StoredCredential bare = store(account("steady", someone()), grant("a", null, HOUR));
        assertThat(report(bare, 1).warning()).isEqualTo("no_refresh_token");

        StoredCredential ended = connect("steady");
        database.set(ended.key().id(), "status = 'reauth_required', last_error = 'invalid_grant'");
        assertThat(report(ended, 1).warning()).isEqualTo("invalid_grant");
        database.set(ended.key().id(), "expires_at = clock_timestamp()");
        assertThat(catchThrowable(() -> report(ended, 1)))
                .isInstanceOf(CredentialException.ReauthorizationRequired.class);

        StoredCredential revoked = connect("steady");
        await(tokens.revokeCredential(revoked.key(), "bob"));
        assertThat(catchThrowable(() -> report(revoked, 1))).isInstanceOf(CredentialException.Revoked.class);
        assertThat(provider.arrivals()).isZero();
    }

    @Test
    void anotherTenantReportsNothing() {
        StoredCredential credential = connect("strict");
        CredentialKey foreign =
                new CredentialKey(new TenantId("other"), credential.key().id());

        assertThat(catchThrowable(() -> await(tokens.reportRejected(foreign, 1, TokenQuery.DEFAULT))))
                .isInstanceOf(CredentialException.NotFound.class);
        assertThat(await(refreshes.report(foreign, 1))).isEmpty();
        assertThat(database.get(credential.key().id(), "reported_version")).isEqualTo("0");
    }

    // the statement by itself

    @Test
    void oneOfManyReportsCounts() {
        StoredCredential credential = connect("strict");
        database.set(credential.key().id(), "next_refresh_at = NULL");

        List<Optional<StoredCredential>> all = await(Uni.join()
                .all(Stream.generate(() -> refreshes.report(credential.key(), 1))
                        .limit(50)
                        .toList())
                .andFailFast());

        assertThat(all).filteredOn(Optional::isPresent).hasSize(1);
        // due now, although nothing was planned
        assertThat(database.get(credential.key().id(), "next_refresh_at <= clock_timestamp()"))
                .isEqualTo("true");
    }

    @Test
    void reportMakesNothingLater() {
        StoredCredential credential = ending("strict", 40);

        StoredCredential due = await(refreshes.report(credential.key(), 1)).orElseThrow();

        assertThat(due.refresh().nextAt()).isEqualTo(credential.refresh().nextAt());
    }

    @Test
    void reportOfAnotherVersionChangesNothing() {
        StoredCredential credential = connect("strict");
        String before = database.get(credential.key().id(), "oauth_credentials.*, xmin");

        assertThat(await(refreshes.report(credential.key(), 0))).isEmpty();
        assertThat(await(refreshes.report(credential.key(), 2))).isEmpty();

        assertThat(database.get(credential.key().id(), "oauth_credentials.*, xmin"))
                .isEqualTo(before);
    }

    // the limit

    private TokenSource limited() {
        return new TokenSource(
                warm,
                unpersisted,
                refresher,
                reports,
                sealer,
                opener,
                events,
                RefreshSettings.with(Map.of("min-interval", "30s")));
    }

    @Test
    void newTokenIsNotRefreshedOutOfTurn() {
        StoredCredential credential = connect("strict");
        TokenSource limited = limited();

        for (Uni<AccessToken> wish : List.of(
                limited.rejected(credential.key(), 1, TokenQuery.DEFAULT),
                limited.forced(credential.key(), TokenQuery.DEFAULT))) {
            assertThat(catchThrowable(() -> await(wish)))
                    .isInstanceOfSatisfying(
                            CredentialException.TooManyRefreshes.class,
                            limit -> assertThat(limit.retryAfter())
                                    .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30)));
        }

        assertThat(provider.arrivals()).isZero();
        assertThat(database.get(credential.key().id(), "reported_version")).isEqualTo("0");
        // so the same version can be reported when it is old enough
        database.set(credential.key().id(), "issued_at = issued_at - interval '31 s'");
        assertThat(await(limited.rejected(credential.key(), 1, TokenQuery.DEFAULT))
                        .version())
                .isEqualTo(2);
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    // a loop of callers whose every token is refused does not spend the provider's rate limit
    @Test
    void refreshedTokenIsNotRefreshedAgainAtOnce() {
        StoredCredential credential = connect("strict");
        database.set(credential.key().id(), "issued_at = issued_at - interval '31 s'");
        TokenSource limited = limited();
        await(limited.rejected(credential.key(), 1, TokenQuery.DEFAULT));

        assertThat(catchThrowable(() -> await(limited.rejected(credential.key(), 2, TokenQuery.DEFAULT))))
                .isInstanceOf(CredentialException.TooManyRefreshes.class);
        assertThat(catchThrowable(() -> await(limited.forced(credential.key(), TokenQuery.DEFAULT))))
                .isInstanceOf(CredentialException.TooManyRefreshes.class);

        assertThat(provider.calls(user(credential))).hasSize(1);
        // a caller that holds the previous token gets this one
        assertThat(await(limited.rejected(credential.key(), 1, TokenQuery.DEFAULT))
                        .version())
                .isEqualTo(2);
    }

    private AccessToken report(StoredCredential credential, long version) {
        return await(tokens.reportRejected(credential.key(), version, TokenQuery.DEFAULT));
    }
}
