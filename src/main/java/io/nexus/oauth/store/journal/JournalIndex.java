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

/** What the journal's files hold, in memory. Anybody may read and settle; only the journal's thread adds, moves and forgets. */
final class JournalIndex {

    /** How long a settled entry is remembered: longer than a database takes to fail over and to be noticed. */
    static final Duration REMEMBERED = Duration.ofMinutes(15);

    private final Map<UUID, Held> held = new ConcurrentHashMap<>();

    /** Each claim asks for what is held of its credential, and a busy quarter of an hour leaves hundreds of thousands of entries. */
    private final Map<CredentialKey, List<Held>> byKey = new ConcurrentHashMap<>();

    private final AtomicInteger unsettled = new AtomicInteger();
    private final AtomicLong unsettledBytes = new AtomicLong();

    /** One entry and where its newest copy is. */
    static final class Held {
        private final JournalRecord.Written record;
        private final int bytes;
        private volatile @Nullable JournalSegment segment;
        private boolean settled;

        private Held(JournalRecord.Written record, int bytes, JournalSegment segment) {
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

    /** Adds an entry that is on the disk, or notes where it was copied to. */
    void put(JournalRecord.Written record, int bytes, JournalSegment segment) {
        Held known = held.get(record.attempt());
        if (known != null) {
            known.segment = segment;
            return;
        }
        unsettled.incrementAndGet();
        unsettledBytes.addAndGet(bytes);
        Held entry = new Held(record, bytes, segment);
        held.put(record.attempt(), entry);
        byKey.merge(
                entry.key(),
                List.of(entry),
                (before, one) -> Stream.concat(before.stream(), one.stream()).toList());
    }

    boolean knows(UUID attempt) {
        return held.containsKey(attempt);
    }

    /** Whether this settled an entry: not when it was settled before, or is not known (yet). */
    boolean settle(UUID attempt) {
        Held entry = held.get(attempt);
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

    /** The space that unsettled entries take on the disk, without copies. */
    long unsettledBytes() {
        return unsettledBytes.get();
    }

    /** Oldest first. */
    List<JournalEntry> unsettled() {
        return entries(entry -> !entry.isSettled()).toList();
    }

    /** What was written since {@link #REMEMBERED} before {@code now}, and whatever is not settled; oldest first. */
    List<JournalEntry> remembered(Instant now) {
        return entries(isRemembered(now)).toList();
    }

    /** The ids of the keys of {@link #unsettled}. */
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

    private static Predicate<Held> isRemembered(Instant now) {
        long since = now.minus(REMEMBERED).toEpochMilli();
        return entry -> entry.isWrittenAfter(since) || !entry.isSettled();
    }

    private Stream<JournalEntry> entries(Predicate<Held> wanted) {
        return held.values().stream()
                .filter(wanted)
                .sorted(Comparator.comparingLong(entry -> entry.record.writtenAt()))
                .map(entry -> entry.record.entry());
    }

    /** Every unsettled entry. */
    List<Held> living() {
        return held.values().stream().filter(entry -> !entry.isSettled()).toList();
    }

    /** The unsettled entries that are nowhere but in {@code segment}. */
    List<Held> living(JournalSegment segment) {
        return held.values().stream()
                .filter(entry -> segment.equals(entry.segment) && !entry.isSettled())
                .toList();
    }

    /** The space these take on the disk. */
    static long bytes(List<Held> entries) {
        return entries.stream().mapToLong(entry -> entry.bytes).sum();
    }

    /** The segment is overwritten: what was settled in it is remembered no more. */
    void forget(JournalSegment segment) {
        remove(entry -> segment.equals(entry.segment) && entry.isSettled());
    }

    /** All files were given up: what was settled in them is remembered until that happens again, so that it cannot pile up. */
    void detach() {
        remove(entry -> entry.segment == null && entry.isSettled());
        held.values().forEach(entry -> entry.segment = null);
    }

    /** Forgets what was settled and is older than {@link #REMEMBERED}. */
    void prune(Instant now) {
        Predicate<Held> remembered = isRemembered(now);
        remove(remembered.negate());
    }

    private void remove(Predicate<Held> unwanted) {
        for (Held entry : held.values()) {
            if (unwanted.test(entry)) {
                held.remove(entry.record.attempt());
                byKey.computeIfPresent(entry.key(), (key, entries) -> without(entries, entry));
            }
        }
    }

    private static @Nullable List<Held> without(List<Held> entries, Held gone) {
        List<Held> left = entries.stream().filter(entry -> entry != gone).toList();
        return left.isEmpty() ? null : left;
    }
}
