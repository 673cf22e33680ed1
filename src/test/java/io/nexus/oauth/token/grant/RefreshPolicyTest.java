package io.nexus.oauth.token.grant;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import java.time.Duration;
import java.time.Instant;
import java.util.DoubleSummaryStatistics;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefreshPolicyTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final CredentialKey KEY = key();
    private static final RefreshTimers STEADY =
            new RefreshTimers(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ZERO, false);

    @Test
    void refreshesAheadOfTheEndGiveOrTakeATenth() {
        // an hour at a provider that does not rotate: a tenth ahead, six minutes
        DoubleSummaryStatistics ahead = Stream.generate(RefreshPolicyTest::key)
                .limit(10_000)
                .mapToDouble(
                        key -> Duration.between(next(key, HOUR), NOW.plus(HOUR)).toMillis() / 1000.0)
                .summaryStatistics();

        assertThat(ahead.getMin()).isBetween(324.0, 330.0);
        assertThat(ahead.getMax()).isBetween(390.0, 396.0);
        assertThat(ahead.getAverage()).isBetween(355.0, 365.0);
    }

    @Test
    void jitterOfOneCredentialStaysTheSame() {
        Instant later = NOW.plus(Duration.ofDays(1));

        assertThat(Duration.between(NOW, next(KEY, HOUR)))
                .isEqualTo(Duration.between(
                        later, RefreshPolicy.nextRefreshAt(KEY, later.plus(HOUR), null, later, STEADY)));
    }

    // a provider whose tokens die at once would be asked without end
    @ParameterizedTest
    @CsvSource({"-3600", "0", "1", "9"})
    void tokenThatHardlyLivesIsNotDueBeforeTheFirstBackoff(long lifetime) {
        assertThat(next(KEY, Duration.ofSeconds(lifetime))).isEqualTo(NOW.plusSeconds(30));
    }

    @ParameterizedTest
    @CsvSource({"10", "20", "40"})
    void shortTokenIsDueHalfWay(long lifetime) {
        assertThat(next(KEY, Duration.ofSeconds(lifetime)))
                .isBetween(NOW.plusMillis(lifetime * 500), NOW.plusMillis(lifetime * 1000 * 55 / 100));
    }

    // readers wanted four fifths of the lifetime: a token of 60 s was refreshed every 12 s
    @ParameterizedTest
    @ValueSource(longs = {10, 30, 60, 120, 300, 3600})
    void tokenCostsOneRefreshInHalfItsLife(long seconds) {
        Duration lifetime = Duration.ofSeconds(seconds);
        Instant half = NOW.plus(lifetime.dividedBy(2));
        StoredCredential credential = credential(NOW, NOW.plus(lifetime));
        for (int i = 0; i < 100; i++) {
            CredentialKey key = new CredentialKey(TenantId.DEFAULT, UUID.randomUUID());
            assertThat(next(key, lifetime)).as("the schedule").isBetween(half, NOW.plus(lifetime));
        }

        Duration wanted = credential.attainable(HOUR);
        assertThat(credential.isValidFor(wanted, half.minusMillis(1)))
                .as("a reader")
                .isTrue();
        assertThat(credential.isValidFor(wanted, half)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"3600, 1800, 1800", "3600, 7200, 3600", ", 1800, 1800", "3600, , 3600"})
    void theTokenThatExpiresFirstDecides(Long access, Long refresh, long decisive) {
        Instant expected = next(KEY, Duration.ofSeconds(decisive));

        assertThat(RefreshPolicy.nextRefreshAt(KEY, at(access), at(refresh), NOW, STEADY))
                .isEqualTo(expected);
    }

    private static Instant at(Long seconds) {
        return seconds == null ? null : NOW.plusSeconds(seconds);
    }

    @Test
    void neverBeforeTheProvidersMinimumInterval() {
        RefreshTimers rare = new RefreshTimers(
                Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ZERO, false, Duration.ofMinutes(10));

        assertThat(RefreshPolicy.nextRefreshAt(KEY, NOW.plusSeconds(300), null, NOW, rare))
                .isEqualTo(NOW.plusSeconds(600));
        assertThat(RefreshPolicy.nextRefreshAt(KEY, NOW.plus(HOUR), null, NOW, rare))
                .isEqualTo(next(KEY, HOUR));
    }

    @Test
    void tokenWithoutEndIsNeverDue() {
        assertThat(RefreshPolicy.nextRefreshAt(KEY, null, null, NOW, STEADY)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"0, 30", "1, 60", "2, 120", "3, 240", "6, 1920", "7, 3600", "8, 3600", "63, 3600", "1000000, 3600"})
    void backsOffUpToAnHour(int failures, long seconds) {
        assertThat(RefreshPolicy.backoff(failures)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void noMoreIsAskedThanATokenCanGive() {
        StoredCredential credential = credential(NOW, NOW.plus(HOUR));

        assertThat(credential.attainable(Duration.ofMinutes(1))).isEqualTo(Duration.ofMinutes(1));
        assertThat(credential.attainable(Duration.ofMinutes(30))).isEqualTo(Duration.ofMinutes(30));
        assertThat(credential.attainable(Duration.ofMinutes(31))).isEqualTo(Duration.ofMinutes(30));
    }

    @Test
    void lifeOfAnEndlessOrDeadTokenLimitsNothing() {
        assertThat(credential(NOW, null).attainable(HOUR)).isEqualTo(HOUR);
        assertThat(credential(NOW, NOW).attainable(HOUR)).isEqualTo(HOUR);
        assertThat(credential(NOW, NOW.minusSeconds(1)).attainable(HOUR)).isEqualTo(HOUR);
    }

    @Test
    void isDueWhenTheScheduleWouldHaveDoneIt() {
        StoredCredential credential = credential(NOW, NOW.plus(HOUR), state(NOW, null, null));

        assertThat(credential.isDue(NOW.minusMillis(1))).isFalse();
        assertThat(credential.isDue(NOW)).isTrue();
        assertThat(credential(NOW, null, state(null, null, null)).isDue(NOW)).isFalse();
    }

    @Test
    void whatCannotBeRefreshedIsNeverDue() {
        StoredCredential credential = credential(NOW, NOW, state(NOW, null, null));
        StoredCredential ended = new StoredCredential(
                credential.key(),
                credential.account(),
                CredentialStatus.REAUTHORIZATION_REQUIRED,
                credential.accessToken(),
                credential.refreshToken(),
                "Bearer",
                NOW,
                false,
                Scopes.NONE,
                null,
                Map.of(),
                null,
                Map.of(),
                1,
                credential.refresh(),
                NOW,
                NOW,
                NOW,
                null,
                null,
                null,
                null);

        assertThat(ended.isDue(NOW)).isFalse();
    }

    @Test
    void nothingHoldsReadsBackWithoutAFailure() {
        assertThat(coolDown(state(NOW.plusSeconds(600), null, null))).isZero();
        assertThat(coolDown(state(null, NOW, null))).isZero();
    }

    @Test
    void readsWaitForTheBackoffButNotLong() {
        assertThat(coolDown(state(NOW.plusSeconds(5), NOW, null))).isEqualTo(Duration.ofSeconds(5));
        assertThat(coolDown(state(NOW.plusSeconds(600), NOW, null))).isEqualTo(Duration.ofSeconds(30));
        assertThat(coolDown(state(NOW.plusSeconds(600), NOW.minusSeconds(20), null)))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(coolDown(state(NOW.plusSeconds(600), NOW.minusSeconds(30), null)))
                .isZero();
        assertThat(coolDown(state(NOW, NOW.minusSeconds(1), null))).isZero();
    }

    @Test
    void tokenDeadOnArrivalHoldsReadsBackToo() {
        RefreshState refreshed = state(NOW.plusSeconds(30), null, NOW);
        // expires_in 0; our two readings of the clock are some milliseconds apart
        assertThat(credential(NOW, NOW.plusMillis(3), refreshed).coolDown(NOW.plusSeconds(1)))
                .isEqualTo(Duration.ofSeconds(29));
        // a refresh token only: the dead access token stayed
        assertThat(credential(NOW.minusSeconds(7200), NOW.minusSeconds(3600), refreshed)
                        .coolDown(NOW.plusSeconds(1)))
                .isEqualTo(Duration.ofSeconds(29));
        // it worked, and is over now
        assertThat(credential(NOW.minusSeconds(5), NOW.plusSeconds(5), refreshed)
                        .coolDown(NOW.plusSeconds(6)))
                .isZero();
        // imported after its end, refreshed never or before
        assertThat(credential(NOW, NOW.minusSeconds(5), state(NOW.plusSeconds(30), null, null))
                        .coolDown(NOW))
                .isZero();
        assertThat(credential(NOW, NOW.minusSeconds(5), state(NOW.plusSeconds(30), null, NOW.minusSeconds(1)))
                        .coolDown(NOW))
                .isZero();
    }

    @Test
    void refreshOutOfTurnIsTooSoonForAnInterval() {
        RefreshState never = state(NOW.plusSeconds(600), null, null);

        assertThat(tooSoon(HOUR, never, 0)).isEqualTo(Duration.ofSeconds(30));
        assertThat(tooSoon(HOUR, never, 10)).isEqualTo(Duration.ofSeconds(20));
        assertThat(tooSoon(HOUR, never, 30)).isZero();
        assertThat(tooSoon(HOUR, never, 3000)).isZero();
        // the later of the two counts: an answer without an access token leaves the old issue
        assertThat(tooSoon(HOUR, state(null, null, NOW.plusSeconds(100)), 110)).isEqualTo(Duration.ofSeconds(20));
        assertThat(tooSoon(HOUR, state(null, null, NOW.minusSeconds(100)), 10)).isEqualTo(Duration.ofSeconds(20));
        // a clock that runs ahead delays by no more than the interval
        assertThat(tooSoon(HOUR, never, -4000)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void shortLivedTokenMayBeRefreshedAfterHalfItsLife() {
        RefreshState never = state(NOW.plusSeconds(600), null, null);

        assertThat(tooSoon(Duration.ofSeconds(20), never, 4)).isEqualTo(Duration.ofSeconds(6));
        assertThat(tooSoon(Duration.ofSeconds(20), never, 10)).isZero();
        assertThat(tooSoon(Duration.ofSeconds(60), never, 29)).isEqualTo(Duration.ofSeconds(1));
        assertThat(tooSoon(Duration.ofSeconds(-20), never, 0)).isZero();
        assertThat(credential(NOW, null, never).tooSoon(NOW, Duration.ofSeconds(30)))
                .isEqualTo(Duration.ofSeconds(30));
    }

    private static Duration tooSoon(Duration life, RefreshState state, long secondsLater) {
        return credential(NOW, NOW.plus(life), state).tooSoon(NOW.plusSeconds(secondsLater), Duration.ofSeconds(30));
    }

    private static Duration coolDown(RefreshState state) {
        return credential(NOW, NOW.plus(HOUR), state).coolDown(NOW);
    }

    private static Instant next(CredentialKey key, Duration lifetime) {
        return RefreshPolicy.nextRefreshAt(key, NOW.plus(lifetime), null, NOW, STEADY);
    }

    private static CredentialKey key() {
        return new CredentialKey(TenantId.DEFAULT, UUID.randomUUID());
    }

    private static RefreshState state(Instant nextAt, Instant failedAt, Instant lastAt) {
        return new RefreshState(nextAt, lastAt, failedAt, 0, 0, null, null, false, Duration.ZERO, null, null);
    }

    private static StoredCredential credential(Instant issuedAt, Instant expiresAt) {
        return credential(issuedAt, expiresAt, state(null, null, null));
    }

    private static StoredCredential credential(Instant issuedAt, Instant expiresAt, RefreshState state) {
        return new StoredCredential(
                KEY,
                new AccountKey(TenantId.DEFAULT, "steady", "alice"),
                CredentialStatus.ACTIVE,
                new SealedSecret("k.a"),
                new SealedSecret("k.r"),
                "Bearer",
                expiresAt,
                false,
                Scopes.NONE,
                null,
                Map.of(),
                null,
                Map.of(),
                1,
                state,
                issuedAt,
                issuedAt,
                issuedAt,
                null,
                null,
                null,
                null);
    }
}
