package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Records that are written together and forced to the disk once. Blocks; for the journal's thread only. */
final class JournalBatch {

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);

    private final JournalRing ring;
    private final JournalIndex index;
    private final List<Copy> copies = new ArrayList<>();
    private final List<UUID> settled = new ArrayList<>();

    private record Copy(JournalRecord.Written record, int bytes, JournalSegment segment, Runnable done) {}

    JournalBatch(JournalRing ring, JournalIndex index) {
        this.ring = ring;
        this.index = index;
    }

    /**
     * Writes an entry and returns its length in bytes; {@code done} runs once it is on the disk. Throws {@link
     * JournalRing.FullException} when there is no room for it.
     */
    int add(JournalRecord.Written record, Runnable done) throws IOException {
        ByteBuffer bytes = JournalCodec.encode(record);
        int length = bytes.remaining();
        makeRoom(length);
        JournalSegment segment = ring.current();
        segment.write(bytes, record.writtenAt());
        copies.add(new Copy(record, length, segment, done));
        return length;
    }

    /** Whether the journal has an entry of this attempt, committed or not. */
    boolean contains(UUID attempt) {
        return index.contains(attempt)
                || copies.stream().anyMatch(copy -> copy.record().attempt().equals(attempt));
    }

    /** Writes a tombstone, which does not need a force of its own. */
    void settle(JournalRecord.Settled record) throws IOException {
        settled.add(record.attempt());
        ByteBuffer bytes = JournalCodec.encode(record);
        makeRoom(bytes.remaining());
        ring.current().write(bytes, record.writtenAt());
    }

    /**
     * Writes the settled entries of an ended process that are young enough to be remembered at {@code now}, as far as
     * there is room. The oldest ones are overwritten first when space is short.
     */
    void remember(List<JournalRecord.Written> entries, Instant now) throws IOException {
        long since = now.minus(JournalIndex.RETENTION).toEpochMilli();
        try {
            List<JournalRecord.Written> oldestFirst = entries.stream()
                    .filter(each -> each.writtenAt() > since && !index.contains(each.attempt()))
                    .sorted(Comparator.comparingLong(JournalRecord.Written::writtenAt))
                    .toList();
            for (JournalRecord.Written each : oldestFirst) {
                add(each, () -> {});
                settle(new JournalRecord.Settled(each.attempt(), each.writtenAt()));
            }
            commit();
        } catch (JournalRing.FullException e) {
            LOG.debug("no room to remember more stored answers of an ended process");
        }
    }

    private void makeRoom(int bytes) throws IOException {
        if (!ring.fits(bytes)) {
            commit(); // makeRoom relies on the index, which knows only committed entries
            ring.makeRoom(bytes);
        }
    }

    /** Forces the added records to the disk, updates the index and runs the callbacks. */
    void commit() throws IOException {
        if (!copies.isEmpty()) {
            ring.current().force();
        }
        copies.forEach(copy -> index.put(copy.record(), copy.bytes(), copy.segment()));
        settled.forEach(index::settle);
        settled.clear();
        List<Runnable> done = copies.stream().map(Copy::done).toList();
        copies.clear();
        done.forEach(Runnable::run);
    }
}
