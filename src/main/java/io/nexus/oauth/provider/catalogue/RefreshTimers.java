package io.nexus.oauth.provider.catalogue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long the steps of a refresh may take at one provider. What suits a provider that never rotates loses grants at one that
 * rotates without a grace, so the timers follow from the profile.
 *
 * @param httpTotal from the first byte to the last, the connect included
 * @param lease how long one attempt owns the credential
 * @param quarantine how long after a lease an attempt of unknown fate keeps others away
 * @param killsAccessToken whether a refresh ends the tokens already handed out
 */
public record RefreshTimers(Duration httpTotal, Duration lease, Duration quarantine, boolean killsAccessToken) {

    private static final Duration PERSIST_BUDGET = Duration.ofSeconds(2);
    private static final Duration LEAST_AHEAD = Duration.ofSeconds(60);
    private static final Duration MOST_AHEAD = Duration.ofMinutes(10);
    private static final Duration LEAST_SHARP = Duration.ofSeconds(10);

    /** Throws {@link IllegalArgumentException} when an answer could come too late to be stored under its lease. */
    public RefreshTimers {
        if (httpTotal.plus(PERSIST_BUDGET).compareTo(lease) >= 0) {
            throw new IllegalArgumentException("the lease must outlast the request by more than " + PERSIST_BUDGET);
        }
    }

    /**
     * How long before its end an access token of {@code lifetime} is refreshed: a tenth of its life within 60 s and 10 min;
     * where refresh tokens rotate, with time for one attempt of unknown fate and its repetition; at most 60 s where a refresh
     * ends the token still in use. Never more than half the life.
     */
    public Duration refreshAhead(Duration lifetime) {
        if (lifetime.isNegative()) {
            return Duration.ZERO;
        }
        return min(killsAccessToken ? sharp(lifetime) : wide(lifetime), lifetime.dividedBy(2));
    }

    /**
     * How long an attempt of unknown fate keeps others away from a token that lives for {@code lifetime} as a whole: the quarantine, or
     * a quarter of that life where it is short, so that such tokens are not gone for several of their lives. The full quarantine for a
     * token without an end, or of unknown life (null).
     */
    public Duration quarantineFor(@Nullable Duration lifetime) {
        return lifetime == null || lifetime.isNegative() || lifetime.isZero()
                ? quarantine
                : min(quarantine, lifetime.dividedBy(4));
    }

    private static Duration sharp(Duration lifetime) {
        return max(LEAST_SHARP, min(LEAST_AHEAD, lifetime.dividedBy(20)));
    }

    private Duration wide(Duration lifetime) {
        Duration tenth = max(LEAST_AHEAD, min(MOST_AHEAD, lifetime.dividedBy(10)));
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
