package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Computes when to refresh and how long to back off. Has no clock: every instant is a parameter. */
public final class RefreshPolicy {

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration MAX_BACKOFF = Duration.ofHours(1);
    private static final Duration MIN_LIFETIME = Duration.ofSeconds(10);
    private static final int MAX_DOUBLINGS = 7;
    private static final double JITTER = 0.1;

    /** The stored errors with which a machine connection waits. Another one is the provider's refusal of its request. */
    public static final Set<String> WAIT = Set.of(
            "database_unsettled",
            "expired_on_arrival",
            "journal_unavailable",
            "journal_unreadable",
            "keys_unsettled",
            "no_token",
            "provider_error",
            "provider_timeout",
            "refresh_failed",
            "reply_lost",
            "reply_timeout",
            "reply_too_large",
            "unreadable",
            "unreadable_br",
            "unreadable_compress",
            "unreadable_reply",
            "unreadable_zstd");

    private RefreshPolicy() {}

    /** Whether {@code credential} is a machine connection whose last request the provider refused, with whatever code. */
    public static boolean isMachineRefused(StoredCredential credential) {
        String error = credential.refresh().lastError();
        return credential.isMachine() && error != null && !WAIT.contains(error);
    }

    /**
     * When the schedule refreshes a token that was issued at {@code issuedAt}: before its expiry by the provider's margin,
     * plus or minus a tenth of that margin. The jitter is constant for one credential, so that grants made together spread
     * out. Never before half of the lifetime: readers demand no more than the other half, so a token costs at most one
     * refresh per half lifetime. A token that lives less than 10 s is refreshed after the first back-off, or the service
     * would ask the provider without a pause. A refresh token that expires first is used before its own expiry, by the
     * same rule. Never before the provider's minimum interval has passed. Null when neither token expires.
     *
     * @param refreshEnd when the refresh token expires, or null when that is unknown or a refresh does not move it
     */
    static @Nullable Instant nextRefreshAt(
            CredentialKey key,
            @Nullable Instant expiresAt,
            @Nullable Instant refreshEnd,
            Instant issuedAt,
            RefreshTimers timers) {
        Instant earliest = issuedAt.plus(timers.minInterval());
        return Stream.of(Optional.ofNullable(expiresAt), Optional.ofNullable(refreshEnd))
                .flatMap(Optional::stream)
                .map(end -> ahead(key, end, issuedAt, timers))
                .min(Comparator.naturalOrder())
                .map(next -> next.isBefore(earliest) ? earliest : next)
                .orElse(null);
    }

    private static Instant ahead(CredentialKey key, Instant expiresAt, Instant issuedAt, RefreshTimers timers) {
        Duration lifetime = Duration.between(issuedAt, expiresAt);
        Duration ahead = timers.refreshAhead(lifetime);
        long jitter = (long) (ahead.toMillis() * JITTER * spread(key));
        Instant next = expiresAt.minus(ahead).plusMillis(jitter);
        Instant half = expiresAt.minus(lifetime.dividedBy(2));
        if (next.isBefore(half)) {
            next = half.plus(Duration.between(next, half)); // mirrored, so that grants made together still spread out
        }
        return lifetime.compareTo(MIN_LIFETIME) < 0 ? issuedAt.plus(FIRST_BACKOFF) : next;
    }

    /** The back-off after {@code failures} failures in a row: 30 s, doubled for each failure, one hour at most. */
    public static Duration backoff(int failures) {
        Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
        return backoff.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : backoff;
    }

    /** A number in [-1, 1) that is constant for one credential. */
    private static double spread(CredentialKey key) {
        long mixed = key.id().getLeastSignificantBits() * 0x9E3779B97F4A7C15L;
        return (mixed >> 11) / (double) (1L << 52);
    }
}
