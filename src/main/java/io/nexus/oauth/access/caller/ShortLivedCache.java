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
 * What was read within the last ten seconds. That counts from the asking, as the answer tells of that moment at the earliest; and a
 * read that began before a change here is not remembered after it. Does not block.
 */
public final class ShortLivedCache<K, V> {

    static final Duration LONGEST = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private final Cache<K, Read<V>> reads;

    /** Counts what was forgotten. */
    private final AtomicLong changes = new AtomicLong();

    private record Read<V>(V value, long asked) {}

    public ShortLivedCache(long most) {
        this(most, System::nanoTime);
    }

    public ShortLivedCache(long most, LongSupplier nanos) {
        this.nanos = nanos;
        this.reads = Caffeine.newBuilder()
                .expireAfterWrite(LONGEST)
                .maximumSize(most)
                .build();
    }

    public Optional<V> get(K key) {
        return Optional.ofNullable(reads.getIfPresent(key))
                .filter(read -> nanos.getAsLong() - read.asked() < LONGEST.toNanos())
                .map(Read::value);
    }

    /** Reads with {@code reading}; fails as that does. */
    public Uni<V> read(K key, Supplier<Uni<V>> reading) {
        return Uni.createFrom().deferred(() -> {
            long before = changes.get();
            long asked = nanos.getAsLong();
            return reading.get().invoke(value -> remember(key, new Read<>(value, asked), before));
        });
    }

    public void forget(K key) {
        changes.incrementAndGet();
        reads.invalidate(key);
    }

    private void remember(K key, Read<V> read, long before) {
        reads.put(key, read);
        if (changes.get() != before) {
            reads.invalidate(key);
        }
    }
}
