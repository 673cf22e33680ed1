package io.nexus.oauth.provider.catalogue;

import java.time.Duration;

/** Derives the {@link RefreshTimers} from a profile. All their numbers are here. */
public final class RefreshTimerRule {

    private RefreshTimerRule() {}

    public static RefreshTimers timers(ProviderProfile.Refresh refresh) {
        boolean revokes = refresh.revokesAccessToken();
        Duration interval = refresh.minInterval();
        if (!refresh.isRotating()) {
            return new RefreshTimers(seconds(10), seconds(30), Duration.ZERO, revokes, interval);
        }
        if (!refresh.hasUsefulGrace()) {
            return new RefreshTimers(seconds(45), seconds(75), seconds(120), revokes, interval);
        }
        Duration grace = refresh.grace();
        Duration sixth = grace.dividedBy(6);
        return new RefreshTimers(
                atMost(30, sixth), atMost(45, grace.dividedBy(3)), atMost(15, sixth), revokes, interval);
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static Duration atMost(long seconds, Duration duration) {
        Duration cap = seconds(seconds);
        return duration.compareTo(cap) < 0 ? duration : cap;
    }
}
