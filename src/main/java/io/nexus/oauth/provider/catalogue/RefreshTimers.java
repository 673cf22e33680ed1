package io.nexus.oauth.provider.catalogue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long the steps of a refresh may take at one provider. The timers follow from the profile: timers for a provider
 * that never rotates would lose grants at one that rotates without a grace period.
 *
 * @param httpTotal the time of one HTTP request, the connect included
 * @param lease how long one attempt owns the credential
 * @param quarantine how long after its lease an attempt of unknown result still excludes others
 * @param revokesAccessToken whether a refresh invalidates the access tokens issued before
 * @param minInterval the minimum time between two refreshes of one grant
 */
public record RefreshTimers(
        Duration httpTotal, Duration lease, Duration quarantine, boolean revokesAccessToken, Duration minInterval) {

    private static final Duration PERSIST_BUDGET = Duration.ofSeconds(2);
    private static final Duration MIN_AHEAD = Duration.ofSeconds(60);
    private static final Duration MAX_AHEAD = Duration.ofMinutes(10);
    private static final Duration MIN_AHEAD_IF_REVOKING = Duration.ofSeconds(10);

    /** Throws {@link IllegalArgumentException} when a response could arrive too late to be stored under its lease. */
    public RefreshTimers {
        if (httpTotal.plus(PERSIST_BUDGET).compareTo(lease) >= 0) {
            throw new IllegalArgumentException("the lease must outlast the request by more than " + PERSIST_BUDGET);
        }
    }

    /** Timers of a provider without a minimum interval. */
    public RefreshTimers(Duration httpTotal, Duration lease, Duration quarantine, boolean revokesAccessToken) {
        this(httpTotal, lease, quarantine, revokesAccessToken, Duration.ZERO);
    }

    /** These timers for a request that spends nothing, so that it can be repeated at once. */
    public RefreshTimers withoutQuarantine() {
        return new RefreshTimers(httpTotal, lease, Duration.ZERO, revokesAccessToken, minInterval);
    }

    /**
     * How long before its expiry an access token of {@code lifetime} is refreshed: a tenth of its lifetime, between 60
     * s and 10 min. With a quarantine, time for one attempt of unknown result and its repetition is added. Where a refresh
     * invalidates the token in use: a twentieth, between 10 and 60 s. Never more than half the lifetime.
     */
    public Duration refreshAhead(Duration lifetime) {
        if (lifetime.isNegative()) {
            return Duration.ZERO;
        }
        return min(revokesAccessToken ? aheadIfRevoking(lifetime) : aheadIfSafe(lifetime), lifetime.dividedBy(2));
    }

    /**
     * How long an attempt of unknown result excludes others from a token with this {@code lifetime}: the quarantine, or
     * a quarter of the lifetime if that is shorter, so that short-lived tokens are not unavailable for several
     * lifetimes. The full quarantine for a token that never expires or whose lifetime is unknown (null).
     */
    public Duration quarantineFor(@Nullable Duration lifetime) {
        return lifetime == null || lifetime.isNegative() || lifetime.isZero()
                ? quarantine
                : min(quarantine, lifetime.dividedBy(4));
    }

    private static Duration aheadIfRevoking(Duration lifetime) {
        return max(MIN_AHEAD_IF_REVOKING, min(MIN_AHEAD, lifetime.dividedBy(20)));
    }

    private Duration aheadIfSafe(Duration lifetime) {
        Duration tenth = max(MIN_AHEAD, min(MAX_AHEAD, lifetime.dividedBy(10)));
        if (quarantine.isZero()) {
            return tenth;
        }
        return lease.plus(quarantine).plus(max(tenth, httpTotal.multipliedBy(2)));
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
