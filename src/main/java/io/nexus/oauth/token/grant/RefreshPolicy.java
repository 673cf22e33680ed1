package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When to refresh. Pure: every instant is passed in. */
public final class RefreshPolicy {

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration LAST_BACKOFF = Duration.ofHours(1);
    private static final Duration HARDLY_ANY_LIFE = Duration.ofSeconds(10);
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
    public static Duration backoff(int failures) {
        Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
        return backoff.compareTo(LAST_BACKOFF) > 0 ? LAST_BACKOFF : backoff;
    }

    /** A number in [-1, 1) that is always the same for one credential. */
    private static double spread(CredentialKey key) {
        long mixed = key.id().getLeastSignificantBits() * 0x9E3779B97F4A7C15L;
        return (mixed >> 11) / (double) (1L << 52);
    }
}
