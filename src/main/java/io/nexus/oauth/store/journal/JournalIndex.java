package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.JournalEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the journal's files, in memory. Any thread may read and settle; only the journal's thread adds, moves
 * and removes.
 */
final class JournalIndex {

    /** How long a settled entry is kept: longer than a failover of the database and its detection take. */
    static final Duration RETENTION = Duration.ofMinutes(15);

    private static final Comparator<IndexedEntry> NEWEST_FIRST = Comparator.<IndexedEntry>comparingLong(
                    entry -> entry.record.writtenAt())
            .thenComparingLong(entry -> entry.record.entry().epoch())
            .reversed();

    private final Map<UUID, IndexedEntry> held = new ConcurrentHashMap<>();

    /**
     * Each lease looks up the entries of its credential, among hundreds of thousands of entries in a busy quarter of an
     * hour.
     */
    private final Map<CredentialKey, List<IndexedEntry>> byKey = new ConcurrentHashMap<>();

    private final AtomicInteger unsettled = new AtomicInteger();
    private final AtomicLong unsettledBytes = new AtomicLong();

    /** One entry and the segment of its newest copy. */
    static final class IndexedEntry {
        private final JournalRecord.Written record;
        private final int bytes;
        private volatile @Nullable JournalSegment segment;
        private boolean settled;

        private IndexedEntry(JournalRecord.Written record, int bytes, JournalSegment segment) {
            this.record = record;
            this.bytes = bytes;
            this.segment = segment;
        }

        JournalRecord.Written record() {
            return record;
        }

        private CredentialKey key() {
            return record.entry().key();
        }

        private synchronized boolean settle() {
            boolean first = !settled;
            settled = true;
            return first;
        }

        private synchronized boolean isSettled() {
            return settled;
        }

        private boolean isWrittenAfter(long time) {
            return record.writtenAt() > time;
        }
    }

    /** Adds an entry that is on the disk, or records the segment to which it was copied. */
    void put(JournalRecord.Written record, int bytes, JournalSegment segment) {
        IndexedEntry known = held.get(record.attempt());
        if (known != null) {
            known.segment = segment;
            return;
        }
        unsettled.incrementAndGet();
        unsettledBytes.addAndGet(bytes);
        IndexedEntry entry = new IndexedEntry(record, bytes, segment);
        held.put(record.attempt(), entry);
        byKey.merge(
                entry.key(),
                List.of(entry),
                (before, one) -> Stream.concat(before.stream(), one.stream()).toList());
    }

    boolean contains(UUID attempt) {
        return held.containsKey(attempt);
    }

    /** Settles an entry. Returns false when it is already settled or not known (yet). */
    boolean settle(UUID attempt) {
        IndexedEntry entry = held.get(attempt);
        if (entry == null || !entry.settle()) {
            return false;
        }
        unsettled.decrementAndGet();
        unsettledBytes.addAndGet(-entry.bytes);
        return true;
    }

    int unsettledCount() {
        return unsettled.get();
    }

    /** The bytes of unsettled entries on the disk, without copies. */
    long unsettledBytes() {
        return unsettledBytes.get();
    }

    /** All unsettled entries, newest first. */
    List<JournalEntry> unsettled() {
        return entries(entry -> !entry.isSettled()).toList();
    }

    /** The entries of the last {@link #RETENTION} before {@code now}, and all unsettled ones; newest first. */
    List<JournalEntry> remembered(Instant now) {
        return entries(isRemembered(now)).toList();
    }

    /** The ids of the keys that seal {@link #unsettled}. */
    Set<String> keyIds() {
        return held.values().stream()
                .filter(entry -> !entry.isSettled())
                .map(entry -> entry.record.entry().payload().keyId())
                .collect(Collectors.toSet());
    }

    Optional<JournalEntry> newest(CredentialKey key, Instant now) {
        return byKey.getOrDefault(key, List.of()).stream()
                .filter(isRemembered(now))
                .map(entry -> entry.record.entry())
                .max(Comparator.comparingLong(JournalEntry::epoch));
    }

    private static Predicate<IndexedEntry> isRemembered(Instant now) {
        long since = now.minus(RETENTION).toEpochMilli();
        return entry -> entry.isWrittenAfter(since) || !entry.isSettled();
    }

    private Stream<JournalEntry> entries(Predicate<IndexedEntry> wanted) {
        return held.values().stream().filter(wanted).sorted(NEWEST_FIRST).map(entry -> entry.record.entry());
    }

    /** Every unsettled entry. */
    List<IndexedEntry> unsettledEntries() {
        return held.values().stream().filter(entry -> !entry.isSettled()).toList();
    }

    /** The unsettled entries whose newest copy is in {@code segment}. */
    List<IndexedEntry> unsettledEntries(JournalSegment segment) {
        return held.values().stream()
                .filter(entry -> segment.equals(entry.segment) && !entry.isSettled())
                .toList();
    }

    /** The bytes of {@code entries} on the disk. */
    static long bytes(List<IndexedEntry> entries) {
        return entries.stream().mapToLong(entry -> entry.bytes).sum();
    }

    /** Removes the settled entries of a segment that is about to be overwritten. */
    void forget(JournalSegment segment) {
        remove(entry -> segment.equals(entry.segment) && entry.isSettled());
    }

    /**
     * Detaches all entries from their abandoned files. Settled ones are kept until the next call, so that they cannot
     * accumulate.
     */
    void detach() {
        remove(entry -> entry.segment == null && entry.isSettled());
        held.values().forEach(entry -> entry.segment = null);
    }

    /** Removes settled entries that are older than {@link #RETENTION}. */
    void prune(Instant now) {
        Predicate<IndexedEntry> remembered = isRemembered(now);
        remove(remembered.negate());
    }

    private void remove(Predicate<IndexedEntry> unwanted) {
        for (IndexedEntry entry : held.values()) {
            if (unwanted.test(entry)) {
                held.remove(entry.record.attempt());
                byKey.computeIfPresent(entry.key(), (key, entries) -> without(entries, entry));
            }
        }
    }

    private static @Nullable List<IndexedEntry> without(List<IndexedEntry> entries, IndexedEntry gone) {
        List<IndexedEntry> left =
                entries.stream().filter(entry -> entry != gone).toList();
        return left.isEmpty() ? null : left;
    }
}
