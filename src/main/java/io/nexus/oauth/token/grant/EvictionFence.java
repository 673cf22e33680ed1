package io.nexus.oauth.token.grant;

import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Fences a cache against reads that began before an eviction. Such a read may have found the older value, and nothing would evict
 * that value again. Safe for concurrent use; never fails.
 *
 * @param <K> the key
 * @param <V> the value
 */
final class EvictionFence<K, V> {

    private final ConcurrentMap<K, V> entries;
    private final AtomicLong evictions = new AtomicLong();

    /** Fences {@code entries}, whose {@code compute} and {@code remove} of one key must exclude each other. */
    EvictionFence(ConcurrentMap<K, V> entries) {
        this.entries = entries;
    }

    /** Counts the evictions so far. A reader asks for it before it reads. */
    long evictions() {
        return evictions.get();
    }

    /** Caches what a read found that began at {@code before}, unless something was evicted since. */
    void put(K key, V value, long before) {
        // the check excludes an eviction of this key, so no caller gets an older value after the eviction
        var unused = entries.compute(key, (same, present) -> evictions.get() == before ? value : present);
        if (evictions.get() != before) {
            entries.remove(key); // clear() can miss an entry that is added meanwhile
        }
    }

    /** Evicts one entry. Afterwards no caller gets a value that was read before. */
    void evict(K key) {
        evictions.incrementAndGet(); // first: a read that misses this change must not be cached after the removal
        entries.remove(key);
    }

    /** Evicts all entries. */
    void evictAll() {
        evictions.incrementAndGet();
        entries.clear();
    }
}
