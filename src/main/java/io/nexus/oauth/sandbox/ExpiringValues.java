package io.nexus.oauth.sandbox;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Values under random keys for a short time; each can be taken once. Kept in memory: a restart costs one more click on
 * the consent page. Thread-safe.
 *
 * @param <V> the values
 */
final class ExpiringValues<V> {

    private record Entry<V>(V value, Instant expires) {}

    private static final int MAX = 1_000;

    private final Map<String, Entry<V>> entries = new LinkedHashMap<>();
    private final Clock clock;
    private final Duration lifetime;

    ExpiringValues(Clock clock, Duration lifetime) {
        this.clock = clock;
        this.lifetime = lifetime;
    }

    /** Stores a value and returns its key. Beyond 1,000 values the oldest is removed. */
    synchronized String put(V value) {
        String key = TokenFactory.random();
        put(key, value);
        return key;
    }

    synchronized void put(String key, V value) {
        Instant now = clock.instant();
        entries.values().removeIf(e -> !e.expires().isAfter(now));
        if (entries.size() >= MAX) {
            entries.remove(entries.keySet().iterator().next());
        }
        entries.put(key, new Entry<>(value, now.plus(lifetime)));
    }

    /** Removes and returns the value; empty when it is unknown or expired. */
    synchronized Optional<V> take(String key) {
        Entry<V> entry = entries.remove(key);
        return entry == null || !entry.expires().isAfter(clock.instant())
                ? Optional.empty()
                : Optional.of(entry.value());
    }
}
