package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProvider.Reply;
import io.nexus.oauth.testing.StrictProviderResource;
import io.nexus.oauth.token.TokenQuery;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way a refresh can fail: the credential, the next read and a valid token afterwards. */
@QuarkusTest
class RefreshFailureTest extends TokenFixture {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("strict", "provider_error", StrictProvider.status(500, "", "")),
                Arguments.of("steady", "provider_error", StrictProvider.status(500, "", "")),
                Arguments.of("strict", "reply_lost", StrictProvider.cut()),
                Arguments.of("steady", "provider_error", StrictProvider.cut()),
                Arguments.of("strict", "unreadable_reply", StrictProvider.html()),
                Arguments.of("steady", "unreadable_reply", StrictProvider.html()),
                Arguments.of("strict", "no_token", StrictProvider.body("{}")),
                Arguments.of("strict", "redirect", StrictProvider.status(302, "Location: /", "")),
                Arguments.of("strict", "invalid_grant", StrictProvider.error(400, "invalid_grant")));
    }

    /** Failures that concern the client and not the credential. */
    static Stream<Arguments> failuresOfEverybody() {
        return Stream.of(
                Arguments.of("strict", "rate_limited", StrictProvider.rateLimited("60")),
                Arguments.of("strict", "temporarily_unavailable", StrictProvider.status(503, "Retry-After: 60", "")),
                Arguments.of("strict", "invalid_client", StrictProvider.error(401, "invalid_client")));
    }

    // a token that is still good is no failure
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource({"failures", "failuresOfEverybody"})
    void handsOutWorkingTokenWhateverFails(String at, String code, Reply reply) {
        StoredCredential credential = ending(at, 40);
        provider.next(user(credential), reply);

        AccessToken token = get(credential);

        assertThat(token.value().reveal()).isEqualTo("at~" + user(credential) + "~1~1");
        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo(code);
        // the next one hears the same, and the provider nothing
        AccessToken next = get(credential);
        assertThat(next.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(next.warning()).isEqualTo(code);
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    /** The same while the token is valid for longer than required: its refresh failed in the background. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("failures")
    void warnsOfRefreshThatFailedInTheBackground(String at, String code, Reply reply) {
        StoredCredential credential = ending(at, 200);
        provider.next(user(credential), reply);

        assertThat(get(credential).freshness()).isEqualTo(Freshness.REFRESHING);

        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(row(credential).refresh().lastError()).isEqualTo(code));
        AccessToken token = get(credential);
        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo(code);
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    /** The limiter blocks the other requests; the credential does not change. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("failuresOfEverybody")
    void failureOfEverybodyLeavesNoTraceInTheCredential(String at, String code, Reply reply) {
        StoredCredential credential = ending(at, 200);
        StoredCredential another = expired(at);
        provider.next(user(credential), reply);

        assertThat(get(credential).freshness()).isEqualTo(Freshness.REFRESHING);

        Awaitility.await().until(() -> provider.calls().size() == 1);
        Awaitility.await().until(() -> !row(credential).refresh().leased());
        StoredCredential after = row(credential);
        assertThat(after.refresh().lastError()).isNull();
        assertThat(after.refresh().failedAt()).isNull();
        assertThat(after.refresh().failures()).isZero();
        assertThat(after.refresh().unresolved()).isZero();
        assertThat(failure(another))
                .isInstanceOfSatisfying(
                        ProviderException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(get(credential).value().reveal()).isEqualTo("at~" + user(credential) + "~1~1");
        assertThat(provider.arrivals()).isEqualTo(1);
    }

    @Test
    void endedGrantStillHandsOutItsWorkingToken() {
        StoredCredential credential = connect("strict");
        database.set(credential.key().id(), "status = 'reauth_required', last_error = 'invalid_grant', failures = 1");

        AccessToken token = get(credential);

        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("invalid_grant");
    }

    @Test
    void newGrantRevivesEndedOne() {
        StoredCredential credential = expired("strict");
        endGrant(credential);

        store(credential.account(), grant("a2", "r2", HOUR));

        assertThat(get(credential).freshness()).isEqualTo(Freshness.FRESH);
        assertThat(row(credential).refresh().failures()).isZero();
    }

    // the answer was lost, so the refusal of the next try says nothing about the user
    @Test
    void refusalAfterLostAnswerIsALostRotation() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), provider.spendAndReset());
        assertThat(unavailable(credential)).isEqualTo("reply_lost");
        passQuarantine(credential);
        assertThat(unavailable(credential)).isEqualTo("rotation_lost");
        passConfirmation(credential);

        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        CredentialException.ReauthorizationRequired.class,
                        ended -> assertThat(ended.error()).isEqualTo("rotation_lost"));

        assertThat(provider.calls(user(credential))).hasSize(3);
        assertThat(row(credential).refresh().lastError()).isEqualTo("rotation_lost");
    }

    // the grace allows the repetition: no caller waits and there is no quarantine
    @Test
    void lostAnswerInsideTheGraceIsAskedForAgainAtOnce() {
        StoredCredential credential = expired("graceful");
        provider.next(user(credential), provider.spendAndTruncate());
        provider.next(user(credential), provider.spendAndReset());

        assertThat(get(credential).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());

        assertThat(provider.calls(user(credential))).hasSize(3);
        assertThat(provider.isDead(user(credential))).isFalse();
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        assertThat(row(credential).refresh().unresolved()).isZero();
    }

    @Test
    void answersLostAgainAndAgainAreWaitedOut() {
        StoredCredential credential = expired("graceful");
        for (int i = 0; i < 3; i++) {
            provider.next(user(credential), provider.spendAndReset());
        }
        assertThat(unavailable(credential)).isEqualTo("reply_lost");
        assertThat(provider.calls(user(credential))).hasSize(3);
        assertThat(row(credential).refresh().unresolved()).isEqualTo(1);
        passQuarantine(credential);

        assertThat(get(credential).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
    }

    // the repetition was not sent, so the outcome of the first request is still unknown
    @Test
    void repetitionThatIsSentAwayLeavesTheFirstUnknown() {
        StoredCredential credential = expired("graceful");
        provider.next(user(credential), provider.spendAndReset());
        provider.next(user(credential), StrictProvider.rateLimited("1"));

        assertThat(unavailable(credential)).isEqualTo("rate_limited");

        assertThat(row(credential).refresh().unresolved()).isEqualTo(1);
        assertThat(row(credential).refresh().blockedFor()).isPositive();
    }

    // asking a strict provider again at once could spend the token twice
    @Test
    void quarantineKeepsEverybodyAway() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), StrictProvider.status(500, "", ""));

        assertThat(unavailable(credential)).isEqualTo("provider_error");

        assertThat(row(credential).refresh().unresolved()).isEqualTo(1);
        assertThat(row(credential).refresh().blockedFor()).isGreaterThan(Duration.ofSeconds(90));
        assertThat(row(credential).refresh().nextAt())
                .isCloseTo(Instant.now().plusSeconds(121), within(20, ChronoUnit.SECONDS));
        // neither a reader after its cool-down nor a wilful one
        database.set(credential.key().id(), "last_failed_at = last_failed_at - interval '31 s'");
        assertThat(unavailable(credential)).isEqualTo("provider_error");
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT))))
                .isInstanceOfSatisfying(
                        ProviderException.Unavailable.class,
                        e -> assertThat(e.retryAfter()).isGreaterThan(Duration.ofSeconds(60)));
        assertThat(provider.calls(user(credential))).hasSize(1);

        passQuarantine(credential);
        assertThat(get(credential).version()).isEqualTo(2);
    }

    // the same failure where nothing can be lost is only a delay
    @Test
    void steadyProviderIsAskedAgainSoon() {
        StoredCredential credential = expired("steady");
        provider.next(user(credential), StrictProvider.status(500, "", ""));

        assertThat(unavailable(credential)).isEqualTo("provider_error");

        assertThat(row(credential).refresh().unresolved()).isZero();
        assertThat(row(credential).refresh().failures()).isEqualTo(1);
        assertThat(row(credential).refresh().blockedFor()).isZero();
        // cool-down: not at once
        assertThat(unavailable(credential)).isEqualTo("provider_error");
        assertThat(provider.calls(user(credential))).hasSize(1);
        database.set(
                credential.key().id(),
                "last_failed_at = last_failed_at - interval '31 s', next_refresh_at = next_refresh_at - interval '31 s'");
        assertThat(get(credential).version()).isEqualTo(2);
    }

    // a provider that talks nonsense for ever is asked ever less often
    @Test
    void nonsenseIsAskedForEverLessOften() {
        StoredCredential credential = expired("steady");
        Instant before = Instant.now();
        for (int i = 0; i < 4; i++) {
            provider.next(user(credential), StrictProvider.html());
            assertThat(unavailable(credential)).isEqualTo("unreadable_reply");
            database.set(
                    credential.key().id(),
                    "last_failed_at = last_failed_at - interval '31 s', lease_until = lease_until - interval '5 s'");
        }

        assertThat(provider.calls(user(credential))).hasSize(4);
        assertThat(row(credential).refresh().nextAt()).isAfter(before.plusSeconds(90));
    }

    @Test
    void waitsAsLongAsTheProviderWishes() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), StrictProvider.rateLimited("600"));

        assertThat(failure(credential)).isInstanceOfSatisfying(ProviderException.Unavailable.class, e -> {
            assertThat(e.code()).isEqualTo("rate_limited");
            assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(600));
        });

        assertThat(row(credential).refresh().nextAt())
                .isCloseTo(Instant.now().plusSeconds(600), within(20, ChronoUnit.SECONDS));
        assertThat(row(credential).refresh().failures()).isZero();
        assertThat(row(credential).refresh().unresolved()).isZero();
        assertThat(unavailable(credential)).isEqualTo("rate_limited");
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void noWaitingTimeIsStillABreath() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), StrictProvider.rateLimited("0"));
        Instant before = Instant.now();

        assertThat(unavailable(credential)).isEqualTo("rate_limited");

        assertThat(row(credential).refresh().nextAt()).isAfterOrEqualTo(before.plusSeconds(1));
    }

    // ours to fix; the grant is as good as before
    @Test
    void wrongClientTouchesNoCredential() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), StrictProvider.error(401, "invalid_client"));

        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("invalid_client"));

        StoredCredential after = row(credential);
        assertThat(after.status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(after.version()).isEqualTo(credential.version());
        assertThat(after.refresh().failures()).isZero();
        assertThat(after.refresh().unresolved()).isZero();
        assertThat(after.refreshToken()).isEqualTo(credential.refreshToken());
    }

    @Test
    void refreshTokenOfAnotherClientIsNotSent() {
        StoredCredential credential = expired("strict");
        database.set(credential.key().id(), "client_id = 'the one before'");

        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("client_changed"));
        assertThat(provider.arrivals()).isZero();
        assertThat(row(credential).refresh().unresolved()).isZero();
    }

    @Test
    void unknownClientOfTheGrantIsNoObstacle() {
        StoredCredential credential = expired("strict");
        database.set(credential.key().id(), "client_id = NULL");

        assertThat(get(credential).version()).isEqualTo(2);
    }

    @Test
    void refreshNeedsARegisteredClient() {
        assertThat(failure(expired("orphan")))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("client_not_registered"));
    }

    @Test
    void refreshNeedsAKnownProvider() {
        StoredCredential credential = expired("strict");
        database.set(credential.key().id(), "provider = 'dropped from the catalogue'");

        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("unknown_provider"));
    }

    @Test
    void requestThatCannotBeBuiltTouchesNoCredential() {
        StoredCredential credential = expired("unset");

        assertThat(failure(credential)).isInstanceOf(ProviderException.Misconfigured.class);

        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(row(credential).refresh().unresolved()).isZero();
        assertThat(row(credential).refresh().leased()).isFalse();
    }

    // never turn "still works" into "cannot": a secret file that is gone for a moment is our trouble
    @Test
    void handsOutWorkingTokenWhenTheClientSecretIsGone() throws IOException {
        StoredCredential credential = ending("steady", 40);
        Files.delete(StrictProviderResource.secretFile());

        AccessToken token = get(credential);

        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("client_secret_unreadable");
    }

    @Test
    void saysThatTheClientSecretIsGone() throws IOException {
        StoredCredential credential = expired("steady");
        Files.delete(StrictProviderResource.secretFile());

        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("client_secret_unreadable"));
    }

    @Test
    void foreignRefreshTokenIsNotSpent() {
        StoredCredential mine = expired("strict");
        StoredCredential theirs = connect("strict");
        database.set(
                mine.key().id(),
                "encrypted_refresh_token = '" + theirs.refreshToken().text() + "'");

        assertThat(failure(mine)).isInstanceOf(CryptoException.Tampered.class);

        assertThat(provider.arrivals()).isZero();
        assertThat(row(mine).refresh().unresolved()).isZero();
        assertThat(row(mine).refresh().lastError()).isEqualTo("unreadable");
        assertThat(row(mine).refresh().failures()).isEqualTo(1);
    }

    @Test
    void handsOutWorkingTokenThoughItsRefreshTokenCannotBeRead() {
        StoredCredential mine = ending("strict", 40);
        StoredCredential theirs = connect("strict");
        database.set(
                mine.key().id(),
                "encrypted_refresh_token = '" + theirs.refreshToken().text() + "'");

        AccessToken token = get(mine);

        assertThat(token.value().reveal()).isEqualTo("at~" + user(mine) + "~1~1");
        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
    }

    // the text of the provider is not shown
    @Test
    void providersWordsGoNowhere() {
        StoredCredential credential = expired("strict");
        provider.next(
                user(credential),
                StrictProvider.status(
                        400,
                        "Content-Type: application/json",
                        "{\"error\": \"My <Own> Error\", \"error_description\": \"the words\"}"));

        Throwable failure = failure(credential);

        assertThat(failure).hasMessageNotContaining("words").hasMessageNotContaining("Own");
        assertThat(database.get(credential.key().id(), "oauth_credentials.*")).doesNotContain("words", "Own");
    }

    /** Advances the time by a few minutes. */
    private void passQuarantine(StoredCredential credential) {
        database.set(
                credential.key().id(),
                "lease_until = lease_until - interval '10 min', last_failed_at = last_failed_at - interval '10 min',"
                        + " next_refresh_at = next_refresh_at - interval '10 min'");
    }
}
