package io.nexus.oauth.token.grant;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The requests of this process that spend a refresh token and whose response is neither in the journal nor known to be lost. While
 * there are some, the journal does not have everything that a database which failed over may lack. Safe for concurrent use; never
 * blocks.
 */
final class OpenRequests {

    private static final long UNDER_WAY = Long.MAX_VALUE;

    private final LongSupplier nanos;

    /** The end of the quarantine of each attempt, by {@link System#nanoTime()}; {@link #UNDER_WAY} before its outcome. */
    private final ConcurrentHashMap<UUID, Long> open = new ConcurrentHashMap<>();

    OpenRequests(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Records that a request of {@code attempt} is about to be sent. */
    void sent(UUID attempt) {
        open.put(attempt, UNDER_WAY);
    }

    /** Records that the outcome of {@code attempt} is unknown: its response can still come until {@code quarantine} is over. */
    void unknown(UUID attempt, Duration quarantine) {
        open.put(attempt, nanos.getAsLong() + quarantine.toNanos());
    }

    /** Records that {@code attempt} is over. One of unknown outcome stays open. */
    void ended(UUID attempt) {
        open.remove(attempt, UNDER_WAY);
    }

    /** The number of open requests. */
    int count() {
        long now = nanos.getAsLong();
        open.values().removeIf(end -> end != UNDER_WAY && now - end >= 0);
        return open.size();
    }
}
