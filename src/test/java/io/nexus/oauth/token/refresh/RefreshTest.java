package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProvider.Call;
import io.nexus.oauth.token.Revocations;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.client.ClientLimiter;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Refreshing on demand: which callers wait, what is stored, and concurrent changes. */
@QuarkusTest
class RefreshTest extends TokenFixture {

    @Test
    void refreshesTwentyCredentialsSideBySide() {
        List<StoredCredential> expired =
                IntStream.range(0, 20).mapToObj(i -> expired("strict")).toList();
        get(expired("strict")); // the first request pays for the connection pool and the class loading
        provider.delay(Duration.ofSeconds(1));
        int before = provider.calls().size();
        long start = System.nanoTime();

        List<AccessToken> handedOut = await(Uni.join()
                .all(expired.stream()
                        .map(each -> tokens.getValidToken(each.key(), TokenQuery.DEFAULT))
                        .toList())
                .andFailFast());

        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        System.out.println("20 credentials on demand, 1 s each at the provider: " + took + " ms");
        for (int i = 0; i < expired.size(); i++) {
            String user = user(expired.get(i));
            assertThat(handedOut.get(i).value().reveal())
                    .isEqualTo(provider.current(user).access());
            assertThat(provider.calls(user)).hasSize(1);
        }
        assertThat(mostAtOnce(provider.calls().subList(before, before + 20)))
                .isGreaterThanOrEqualTo(ClientLimiter.FIRST_LIMIT);
    }

    // ten callers made ten calls, and nine failed
    @Test
    void asksProviderOnceForManyCallers() {
        StoredCredential credential = expired("strict");
        provider.delay(Duration.ofMillis(200));

        List<AccessToken> handedOut = await(Uni.join()
                .all(IntStream.range(0, 50)
                        .mapToObj(i -> tokens.getValidToken(credential.key(), TokenQuery.DEFAULT))
                        .toList())
                .andFailFast());

        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(provider.isDead(user(credential))).isFalse();
        assertThat(handedOut).hasSize(50).allSatisfy(token -> {
            assertThat(provider.accepts(token.value().reveal())).isTrue();
            assertThat(token.value().reveal())
                    .isEqualTo(provider.current(user(credential)).access());
            assertThat(token.version()).isEqualTo(2);
        });
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
    }

    @Test
    void storesRefreshThoughItsCallerLeft() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));

        var caller = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT)
                .subscribe()
                .with(token -> {});
        hold.awaitArrival();
        caller.cancel();
        hold.release();

        Awaitility.await()
                .untilAsserted(() -> assertThat(row(credential).version()).isEqualTo(2));
        assertThat(get(credential).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void callerThatLeavesDoesNotCancelTheOthers() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var leaving = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT)
                .subscribe()
                .with(token -> {});
        hold.awaitArrival();
        var staying = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();

        leaving.cancel();
        hold.release();

        assertThat(staying)
                .succeedsWithin(Duration.ofSeconds(20))
                .satisfies(token ->
                        assertThat(provider.accepts(token.value().reveal())).isTrue());
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void callerWaitsNoLongerThanItSays() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        TokenQuery impatient = new TokenQuery(Optional.empty(), Optional.of(Duration.ofMillis(100)));

        assertThatThrownBy(() -> await(tokens.getValidToken(credential.key(), impatient)))
                .isInstanceOfSatisfying(ProviderException.Unavailable.class, e -> {
                    assertThat(e.code()).isEqualTo("refresh_in_progress");
                    assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(1));
                });

        hold.awaitArrival();
        hold.release();
        Awaitility.await()
                .untilAsserted(() -> assertThat(row(credential).version()).isEqualTo(2));
    }

    // while a token is valid every caller gets it, even if the provider hangs
    @Test
    void handsOutWorkingTokenWhileProviderHangs() {
        StoredCredential credential = ending("strict", 40);
        StrictProvider.Hold hold = provider.hold(user(credential));
        TokenQuery impatient = new TokenQuery(Optional.empty(), Optional.of(Duration.ofMillis(100)));

        AccessToken token = await(tokens.getValidToken(credential.key(), impatient));

        assertThat(token.value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("refresh_in_progress");
        hold.awaitArrival();
        hold.release();
        Awaitility.await()
                .untilAsserted(() -> assertThat(row(credential).version()).isEqualTo(2));
    }

    @Test
    void refreshesAheadInTheBackground() {
        StoredCredential credential = ending("strict", 200);
        StrictProvider.Hold hold = provider.hold(user(credential));

        AccessToken token = get(credential);

        assertThat(token.freshness()).isEqualTo(Freshness.REFRESHING);
        assertThat(token.version()).isEqualTo(1);
        hold.awaitArrival();
        assertThat(get(credential).freshness()).isEqualTo(Freshness.REFRESHING);
        hold.release();
        Awaitility.await()
                .untilAsserted(() -> assertThat(row(credential).version()).isEqualTo(2));
        assertThat(get(credential).freshness()).isEqualTo(Freshness.FRESH);
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(database.audit(credential.key().id())).contains("token_refreshed:ahead");
    }

    @Test
    void refreshesWhenForced() {
        StoredCredential credential = connect("steady");

        AccessToken token = await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));

        assertThat(token.freshness()).isEqualTo(Freshness.REFRESHED);
        assertThat(token.version()).isEqualTo(2);
        assertThat(database.audit(credential.key().id())).contains("token_refreshed:forced");
    }

    @Test
    void forcedRefreshFallsBackToWorkingToken() {
        StoredCredential credential = connect("steady");
        provider.next(user(credential), StrictProvider.status(500, "", ""));

        AccessToken token = await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));

        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("provider_error");
        assertThat(token.version()).isEqualTo(1);
    }

    @Test
    void askingForMoreThanALifetimeDoesNotRefreshEachTime() {
        StoredCredential credential = expired("steady");
        TokenQuery twoHours = new TokenQuery(Optional.of(Duration.ofHours(2)), Optional.empty());

        for (int i = 0; i < 5; i++) {
            assertThat(await(tokens.getValidToken(credential.key(), twoHours)).version())
                    .isEqualTo(2);
        }

        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void refreshesForWhoNeedsMoreLife() {
        StoredCredential credential = connect("steady");
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '35 min', expires_at = clock_timestamp() + interval '25 min'");
        TokenQuery query = new TokenQuery(Optional.of(Duration.ofMinutes(40)), Optional.empty());

        assertThat(await(tokens.getValidToken(credential.key(), query)).freshness())
                .isEqualTo(Freshness.REFRESHED);
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    // RFC 6749 section 6
    @Test
    void keepsOldRefreshTokenWhenResponseOmitsIt() {
        StoredCredential credential = expired("strict");
        String before = refreshToken(credential);
        provider.next(user(credential), provider.spendWithoutRefreshToken());

        assertThat(get(credential).version()).isEqualTo(2);

        assertThat(refreshToken(credential)).isEqualTo(before);
    }

    @Test
    void storesWhatElseTheResponseSays() {
        StoredCredential credential = store(
                account("steady", someone()),
                new io.nexus.oauth.credential.OAuthCredential(
                        io.nexus.oauth.credential.Secret.of("a"),
                        io.nexus.oauth.credential.Secret.of("rt~x~1~1"),
                        "Bearer",
                        Instant.now().minusSeconds(60),
                        false,
                        Scopes.of(List.of("read", "write")),
                        StrictProvider.CLIENT,
                        java.util.Map.of(),
                        null,
                        java.util.Map.of("instance_url", "https://x.example"),
                        null,
                        null));
        provider.grant("x");
        provider.next("x", provider.spendWith("\"scope\": \"read\""));

        // refreshed scopes are kept, and so is the metadata
        AccessToken token = get(credential);

        assertThat(token.scopes()).isEqualTo(Scopes.of(List.of("read")));
        assertThat(token.metadata()).containsEntry("instance_url", "https://x.example");
    }

    @Test
    void missingExpiryIsAssumedAndNeverEndless() {
        StoredCredential credential = expired("steady");
        provider.expiresIn(null);

        AccessToken token = get(credential);

        assertThat(token.expiresAt()).isCloseTo(Instant.now().plus(HOUR), within(30, ChronoUnit.SECONDS));
        assertThat(row(credential).expiryAssumed()).isTrue();
    }

    @Test
    void readsExpiryWrittenAsText() {
        StoredCredential credential = expired("steady");
        provider.expiresIn("\"1800\"");

        assertThat(get(credential).expiresAt())
                .isCloseTo(Instant.now().plusSeconds(1800), within(30, ChronoUnit.SECONDS));
    }

    // the rotation happened all the same
    @Test
    void tokenDeadOnArrivalKeepsTheNewRefreshTokenAndDoesNotLoop() {
        StoredCredential credential = expired("strict");
        provider.expiresIn("0");

        assertThat(unavailable(credential)).isEqualTo("expired_on_arrival");

        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        assertThat(unavailable(credential)).isEqualTo("expired_on_arrival");
        assertThat(unavailable(credential)).isEqualTo("expired_on_arrival");
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(row(credential).refresh().nextAt())
                .isBetween(Instant.now().plusSeconds(20), Instant.now().plusSeconds(31));

        // half a minute later it is worth another try
        provider.expiresIn("3600");
        database.set(
                credential.key().id(),
                "last_refreshed_at = last_refreshed_at - interval '31 s', issued_at = issued_at - interval '31 s',"
                        + " expires_at = expires_at - interval '31 s', next_refresh_at = next_refresh_at - interval '31 s'");
        assertThat(get(credential).version()).isEqualTo(3);
    }

    @Test
    void answerWithNothingButANewRefreshTokenIsKept() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), provider.spendForRefreshTokenOnly());

        assertThat(unavailable(credential)).isEqualTo("no_token");

        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        assertThat(unavailable(credential)).isEqualTo("no_token");
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(row(credential).expiresAt()).isEqualTo(credential.expiresAt());
    }

    @Test
    void refreshTokenOnlyLeavesAWorkingAccessTokenAlone() {
        StoredCredential credential = connect("strict");
        provider.next(user(credential), provider.spendForRefreshTokenOnly());

        AccessToken token = await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));

        assertThat(token.value().reveal()).isEqualTo("at~" + user(credential) + "~1~1");
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        assertThat(get(credential).expiresAt()).isEqualTo(credential.expiresAt());
    }

    // the text of such a token is of no use
    @Test
    void tokensThatNeedAProofAreNotHandedOut() {
        StoredCredential credential = connect("steady");
        database.set(credential.key().id(), "token_type = 'DPoP'");

        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("token_type"));
    }

    @Test
    void killingProviderIsNotAskedLongBeforeTheEnd() {
        StoredCredential credential = connect("killing");

        assertThat(Duration.between(credential.refresh().nextAt(), credential.expiresAt()))
                .isLessThanOrEqualTo(Duration.ofSeconds(66));
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp() - interval '1 h'");
        assertThat(provider.accepts(get(credential).value().reveal())).isTrue();
    }

    // the newer consent wins; the response in flight is dropped, not revoked
    @Test
    void newGrantWinsOverRefreshInFlight() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var reader = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();

        store(credential.account(), grant("newer", "newer refresh", HOUR));
        hold.release();

        assertThat(reader)
                .succeedsWithin(Duration.ofSeconds(20))
                .satisfies(token -> assertThat(token.value().reveal()).isEqualTo("newer"));
        assertThat(get(credential).value().reveal()).isEqualTo("newer");
        assertThat(refreshToken(credential)).isEqualTo("newer refresh");
        assertThat(row(credential).version()).isEqualTo(2);
        assertThat(provider.revocations()).isEmpty();
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isZero();
    }

    // the answer in flight may carry the only successor of the refresh token that was kept
    @Test
    void newAccessTokenAloneDoesNotDiscardTheRefreshInFlight() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var reader = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();

        StoredCredential stored = store(credential.account(), grant("imported", null, HOUR));
        assertThat(stored.refresh().leased()).isTrue();
        hold.release();

        assertThat(reader).succeedsWithin(Duration.ofSeconds(20));
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));
        assertThat(provider.isDead(user(credential))).isFalse();
        assertThat(provider.calls(user(credential))).hasSize(2);
    }

    @Test
    void noTimeToWaitIsNoErrorAndWorkingTokensAreHandedOut() {
        TokenQuery atOnce = new TokenQuery(Optional.of(Duration.ofMinutes(2)), Optional.of(Duration.ZERO));
        StoredCredential ending = ending("strict", 40);
        StrictProvider.Hold hold = provider.hold(user(ending));

        AccessToken token = await(tokens.getValidToken(ending.key(), atOnce));

        assertThat(token.version()).isEqualTo(1);
        assertThat(token.warning()).isEqualTo("refresh_in_progress");
        hold.awaitArrival();
        hold.release();
    }

    @Test
    void nothingBelowTheFloorIsHandedOutHoweverLittleIsAsked() {
        StoredCredential credential = ending("strict", 8);

        AccessToken token = await(
                tokens.getValidToken(credential.key(), new TokenQuery(Optional.of(Duration.ZERO), Optional.empty())));

        assertThat(token.version()).isEqualTo(2);
    }

    @Test
    void forcedRefreshLeavesAProviderAloneThatAskedForIt() {
        StoredCredential credential = connect("strict");
        provider.next(user(credential), StrictProvider.rateLimited("60"));
        await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));

        AccessToken token = await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));

        assertThat(token.freshness()).isEqualTo(AccessToken.Freshness.DEGRADED);
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(token.warning()).isEqualTo("rate_limited");
        // it is the client that has to wait: this token is as good as before, and not due
        assertThat(get(credential).freshness()).isEqualTo(AccessToken.Freshness.FRESH);
    }

    // a late refusal of the old grant must not end the new one
    @Test
    void newGrantSurvivesRefusalOfTheOldOne() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential), StrictProvider.error(400, "invalid_grant"));
        var reader = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();

        store(credential.account(), grant("newer", "newer refresh", HOUR));
        hold.release();

        assertThat(reader)
                .succeedsWithin(Duration.ofSeconds(20))
                .satisfies(token -> assertThat(token.value().reveal()).isEqualTo("newer"));
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(heard.of(credential.key().id())).doesNotContain("reauthorization_required:invalid_grant");
    }

    // no caller gets a token that was issued after the revocation, and it is revoked at the provider
    @Test
    void tokensBornAfterRevocationAreRevokedToo() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var reader = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();
        provider.nextRevocation(user(credential), StrictProvider.status(200, "", ""));
        await(tokens.revokeCredential(credential.key(), "bob"));

        hold.release();

        assertThat(reader)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withCauseInstanceOf(CredentialException.Revoked.class);
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.REVOKED);
        assertThat(row(credential).accessToken()).isNull();
        assertThat(await(revocations.retryDue(10))).isEqualTo(1);
        assertThat(provider.revocations())
                .last()
                .satisfies(asked -> assertThat(asked)
                        .containsEntry(
                                "token", provider.current(user(credential)).refresh()));
        assertThat(provider.isDead(user(credential))).isTrue();
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isZero();
    }

    // the user has connected again meanwhile, here with another client
    @Test
    void tokensBornAcrossARevocationAreRevokedBesideANewGrant() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var reader = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();
        provider.nextRevocation(user(credential), StrictProvider.status(200, "", ""));
        await(tokens.revokeCredential(credential.key(), "bob"));
        store(credential.account(), grant("newer", "newer refresh", HOUR).withClient("another", Map.of()));

        hold.release();

        assertThat(reader).succeedsWithin(Duration.ofSeconds(20));
        assertThat(await(revocations.retryDue(10))).isEqualTo(1);
        assertThat(provider.revocations())
                .last()
                .satisfies(asked -> assertThat(asked)
                        .containsEntry(
                                "token", provider.current(user(credential)).refresh()));
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isZero();
        assertThat(refreshToken(credential)).isEqualTo("newer refresh");
    }

    // at this provider a revocation of any token of the client ends the new grant too
    @Test
    void tokensBornAcrossARevocationAreLeftWhereTheirRevocationWouldEndTheNewGrant() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var reader = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();
        provider.nextRevocation(user(credential), StrictProvider.status(200, "", ""));
        await(tokens.revokeCredential(credential.key(), "bob"));
        store(credential.account(), grant("newer", "newer refresh", HOUR));

        hold.release();

        assertThat(reader).succeedsWithin(Duration.ofSeconds(20));
        assertThat(await(revocations.retryDue(10))).isZero();
        assertThat(provider.revocations()).hasSize(1);
        assertThat(refreshToken(credential)).isEqualTo("newer refresh");
    }

    @Test
    void refusalAfterRevocationIsStillARevocation() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential), StrictProvider.error(400, "invalid_grant"));
        var reader = tokens.getValidToken(credential.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage();
        hold.awaitArrival();
        await(tokens.revokeCredential(credential.key(), "bob"));

        hold.release();

        assertThat(reader)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withCauseInstanceOf(CredentialException.Revoked.class);
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.REVOKED);
    }

    @jakarta.inject.Inject
    Revocations revocations;

    /** The database is unavailable between the provider's response and our write. */
    @Test
    void storesTheAnswerWhenTheDatabaseIsBack() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var reader = tokens.getValidToken(
                        credential.key(), new TokenQuery(Optional.empty(), Optional.of(Duration.ofSeconds(20))))
                .subscribeAsCompletionStage();
        hold.awaitArrival();
        database.breakTokens();
        hold.release();
        // the answer is on this machine's disk, so its caller need not wait for the database
        assertThat(reader)
                .succeedsWithin(Duration.ofSeconds(20))
                .satisfies(token -> assertThat(token.value().reveal())
                        .isEqualTo(provider.current(user(credential)).access()));
        assertThat(row(credential).version()).isEqualTo(1);

        database.heal("oauth_credentials");

        Awaitility.await().until(() -> row(credential).version() == 2);
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    // while a token is valid every caller gets it, even if the lease fails
    @Test
    void handsOutWorkingTokenWhenItCannotTakeLease() {
        StoredCredential credential = ending("strict", 40);
        database.breakWrites("oauth_credentials");

        AccessToken token = get(credential);

        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isNotNull();
        assertThat(provider.arrivals()).isZero();
    }

    static int mostAtOnce(List<Call> calls) {
        List<Long> times = new ArrayList<>();
        calls.forEach(call -> times.add(call.arrived()));
        return times.stream()
                .mapToInt(time -> (int) calls.stream()
                        .filter(call -> call.arrived() <= time && time < call.ended())
                        .count())
                .max()
                .orElse(0);
    }
}
