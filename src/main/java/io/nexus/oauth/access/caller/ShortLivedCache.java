package io.nexus.oauth.access.caller;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Caches values for ten seconds. The age counts from the start of the read, because the value may be as old as that. A
 * read that started before an invalidation is not cached after it. Does not block.
 */
public final class ShortLivedCache<K, V> {

    static final Duration MAX_AGE = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private final Cache<K, Read<V>> reads;

    /** The number of invalidations so far. */
    private final AtomicLong changes = new AtomicLong();

    private record Read<V>(V value, long startedAt) {}

    public ShortLivedCache(long maxSize) {
        this(maxSize, System::nanoTime);
    }

    public ShortLivedCache(long maxSize, LongSupplier nanos) {
        this.nanos = nanos;
        this.reads = Caffeine.newBuilder()
                .expireAfterWrite(MAX_AGE)
                .maximumSize(maxSize)
                .build();
    }

    public Optional<V> get(K key) {
        return Optional.ofNullable(reads.getIfPresent(key))
                .filter(read -> nanos.getAsLong() - read.startedAt() < MAX_AGE.toNanos())
                .map(Read::value);
    }

    /** Reads the value with {@code loader} and caches it; fails as {@code loader} does. */
    public Uni<V> read(K key, Supplier<Uni<V>> loader) {
        return Uni.createFrom().deferred(() -> {
            long before = changes.get();
            long startedAt = nanos.getAsLong();
            return loader.get().invoke(value -> store(key, new Read<>(value, startedAt), before));
        });
    }

    /** The number of cached values. */
    long size() {
        reads.cleanUp();
        return reads.estimatedSize();
    }

    public void invalidate(K key) {
        changes.incrementAndGet();
        reads.invalidate(key);
    }

    private void store(K key, Read<V> read, long before) {
        reads.put(key, read);
        if (changes.get() != before) {
            reads.invalidate(key);
        }
    }
}
