package io.nexus.oauth.provider.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nexus.oauth.provider.Providers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefreshTimersTest {

    @ParameterizedTest
    @CsvSource({
        "never, 0, 10, 30, 0",
        "never, 600, 10, 30, 0",
        "always, 3600, 30, 45, 15",
        "always, 120, 20, 40, 15",
        "always, 60, 10, 20, 10",
        "maybe, 30, 5, 10, 5",
        "always, 19, 45, 75, 120",
        "maybe, 0, 45, 75, 120"
    })
    void followFromRotationAndGrace(String rotation, int grace, int http, int lease, int quarantine) {
        RefreshTimers timers = timers("rotation: %s, grace_s: %d".formatted(rotation, grace));

        assertThat(timers).isEqualTo(new RefreshTimers(seconds(http), seconds(lease), seconds(quarantine), false));
    }

    @ParameterizedTest
    @CsvSource({"never", "always", "maybe"})
    void takeTheMinimumIntervalFromTheProfile(String rotation) {
        assertThat(timers("rotation: %s, min_interval_s: 600".formatted(rotation))
                        .minInterval())
                .isEqualTo(seconds(600));
        assertThat(timers("rotation: " + rotation).minInterval()).isZero();
    }

    @Test
    void smallestGraceStillStoresUnderItsLease() {
        RefreshTimers timers = timers("rotation: always, grace_s: 20");

        assertThat(timers.httpTotal().plusSeconds(2)).isLessThan(timers.lease());
        assertThat(timers.lease().plus(timers.quarantine()).plus(timers.httpTotal()))
                .isLessThan(seconds(20));
    }

    @Test
    void leaseMustOutlastTheRequest() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RefreshTimers(seconds(28), seconds(30), Duration.ZERO, false));
    }

    @ParameterizedTest
    @CsvSource({
        "rotation: never, 3600, 360",
        "rotation: never, 300, 60",
        "rotation: never, 100, 50",
        "rotation: never, 86400, 600",
        "rotation: never, -5, 0",
        "'rotation: always, grace_s: 600', 3600, 420",
        "'rotation: always, grace_s: 600', 600, 120",
        "rotation: always, 3600, 555",
        "rotation: always, 600, 285",
        "rotation: always, 300, 150",
        "rotation: always, 86400, 795",
        "'rotation: always, kills_access_token: true', 7200, 60",
        "'rotation: always, kills_access_token: true', 600, 30",
        "'rotation: always, kills_access_token: true', 100, 10",
        "'rotation: always, kills_access_token: true', 10, 5"
    })
    void refreshAheadSuitsTheLifetime(String refresh, int lifetime, int ahead) {
        assertThat(timers(refresh).refreshAhead(seconds(lifetime))).isEqualTo(seconds(ahead));
    }

    private static RefreshTimers timers(String refresh) {
        return RefreshTimerRule.timers(Providers.profile(Providers.ENDPOINTS + "refresh: {" + refresh + "}")
                .refresh());
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }
}
