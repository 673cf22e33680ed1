package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.RefreshTimers;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When to refresh. Pure: every instant is passed in. */
final class RefreshPolicy {

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration LAST_BACKOFF = Duration.ofHours(1);
    private static final Duration HARDLY_ANY_LIFE = Duration.ofSeconds(10);
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 7;
    private static final double JITTER = 0.1;

    private RefreshPolicy() {}

    /**
     * When the schedule refreshes a token that was issued at {@code issuedAt}: ahead of its expiry by the provider's margin, give
     * or take a tenth of it, always the same for one credential, so that grants made together do not stay together. For a token that
     * hardly lives not before the first back-off: the provider would be asked without end. Null for a token without an end.
     */
    static @Nullable Instant nextRefreshAt(
            CredentialKey key, @Nullable Instant expiresAt, Instant issuedAt, RefreshTimers timers) {
        if (expiresAt == null) {
            return null;
        }
        Duration lifetime = Duration.between(issuedAt, expiresAt);
        Duration ahead = timers.refreshAhead(lifetime);
        long jitter = (long) (ahead.toMillis() * JITTER * spread(key));
        Instant next = expiresAt.minus(ahead).plusMillis(jitter);
        return lifetime.compareTo(HARDLY_ANY_LIFE) < 0 ? issuedAt.plus(FIRST_BACKOFF) : next;
    }

    /** How long to wait after {@code failures} failures in a row: 30 seconds doubled each time, one hour at most. */
    static Duration backoff(int failures) {
        Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
        return backoff.compareTo(LAST_BACKOFF) > 0 ? LAST_BACKOFF : backoff;
    }

    /**
     * What the token must be good for, given what the caller asks: no more than four fifths of what it can be good for, or a
     * caller who asks for more than a lifetime would spend a refresh on every read.
     */
    static Duration attainable(StoredCredential credential, Duration wanted) {
        Duration lifetime = credential.lifetime();
        if (lifetime == null || !lifetime.isPositive()) {
            return wanted;
        }
        Duration most = Duration.ofMillis(lifetime.toMillis() * 4 / 5); // Duration.dividedBy is slow: BigDecimal
        return wanted.compareTo(most) > 0 ? most : wanted;
    }

    /** Whether a read at {@code now} should start a refresh in the background: the schedule would have done it by now. */
    static boolean isDue(StoredCredential credential, Instant now) {
        Instant next = credential.refresh().nextAt();
        return credential.isRefreshable() && next != null && !now.isBefore(next);
    }

    /**
     * How long reads leave the provider alone after a failure, or a success that brought no living token: to the end of the
     * back-off, 30 seconds at most, because a caller who waits is worth a try; a grant under suspicion until it is asked about
     * again, because no caller makes the answer come sooner. Zero when nothing holds them back.
     */
    static Duration coolDown(StoredCredential credential, Instant now) {
        RefreshState state = credential.refresh();
        if (state.suspectedAt() != null && state.nextAt() != null) {
            return now.isBefore(state.nextAt()) ? Duration.between(now, state.nextAt()) : Duration.ZERO;
        }
        Instant since = state.failedAt() == null ? deadOnArrival(credential) : state.failedAt();
        if (since == null || state.nextAt() == null) {
            return Duration.ZERO;
        }
        Instant latest = since.plus(FIRST_BACKOFF);
        Instant end = state.nextAt().isBefore(latest) ? state.nextAt() : latest;
        return now.isBefore(end) ? Duration.between(now, end) : Duration.ZERO;
    }

    /**
     * How long nobody may ask out of turn for a refresh, because the last was just now: to the end of {@code interval} after it,
     * or of half the token's life when that is less. Never longer, whatever the clocks say. Zero when nothing is in the way.
     */
    static Duration tooSoon(StoredCredential credential, Instant now, Duration interval) {
        Duration lifetime = credential.lifetime();
        Duration half = lifetime == null ? interval : Duration.ofMillis(Math.max(0, lifetime.toMillis() / 2));
        Duration least = half.compareTo(interval) < 0 ? half : interval;
        Instant last = credential.refresh().lastAt();
        Instant since = last == null || last.isBefore(credential.issuedAt()) ? credential.issuedAt() : last;
        Duration left = Duration.between(now, since.plus(least));
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(least) > 0 ? least : left;
    }

    /** When a refresh gave a token that was dead already, or none in the place of a dead one; null when it did not. */
    private static @Nullable Instant deadOnArrival(StoredCredential credential) {
        Duration lifetime = credential.lifetime();
        Instant expiresAt = credential.expiresAt();
        if (lifetime == null || expiresAt == null) {
            return null;
        }
        if (!lifetime.isNegative() && lifetime.compareTo(SHORTEST_LIFE) < 0) {
            return credential.issuedAt();
        }
        Instant last = credential.refresh().lastAt();
        return last == null || expiresAt.isAfter(last) || credential.issuedAt().isAfter(last) ? null : last;
    }

    /** A number in [-1, 1) that is always the same for one credential. */
    private static double spread(CredentialKey key) {
        long mixed = key.id().getLeastSignificantBits() * 0x9E3779B97F4A7C15L;
        return (mixed >> 11) / (double) (1L << 52);
    }
}
