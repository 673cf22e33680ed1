package io.nexus.oauth.sandbox;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Values under random keys for a short time, each taken once. In memory: a restart costs one more click on the consent page.
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

    /** Returns the new key. Beyond a thousand values the oldest goes. */
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

    /** The value, if it is there and in time; it is gone afterwards. */
    synchronized Optional<V> take(String key) {
        Entry<V> entry = entries.remove(key);
        return entry == null || !entry.expires().isAfter(clock.instant())
                ? Optional.empty()
                : Optional.of(entry.value());
    }
}
