package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The files of one owner: a fixed number of segments in rotation. The oldest segment is reused once its entries are
 * settled or copied; one segment always stays free for such copies. All methods block; for the journal's thread only.
 * After an {@link IOException} other than {@link FullException} the files must not be written again, because the state
 * of the data after a failed force is unknown.
 */
final class JournalRing {

    static final int SEGMENTS = 8;

    private static final Logger LOG = Logger.getLogger(JournalRing.class);

    private final OwnerLock lock;
    private final JournalIndex index;
    private final int segmentSize;

    /**
     * The highest number of bytes of unsettled entries. The closer it is to the whole size without the spare segment,
     * the more is copied for each new entry.
     */
    private final long limit;

    /** Segments with entries, evicted segments that are not overwritten yet, and empty segments; each oldest first. */
    private final Deque<JournalSegment> full = new ArrayDeque<>();

    private final Deque<JournalSegment> dirty = new ArrayDeque<>();
    private final Deque<JournalSegment> clean = new ArrayDeque<>();
    private JournalSegment current;

    /** The journal has no room for a record: unsettled entries fill it, or the record is too large. The files stay usable. */
    static final class FullException extends IOException {

        FullException() {
            super("no room in the journal");
        }
    }

    private JournalRing(OwnerLock lock, JournalIndex index, int segmentSize, List<JournalSegment> segments) {
        this.lock = lock;
        this.index = index;
        this.segmentSize = segmentSize;
        this.limit = (SEGMENTS - 1L) * segmentSize - segmentSize / 4;
        clean.addAll(segments);
        current = clean.removeFirst();
    }

    /** Creates the files of a new owner with their full size; removes them again when that fails. */
    static JournalRing open(Path directory, long size, JournalIndex index, JournalDisk disk) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, OwnerLock.ownerOnly("rwx------"));
        }
        OwnerLock lock = OwnerLock.create(directory);
        int segmentSize = Math.toIntExact(size / SEGMENTS);
        List<JournalSegment> segments = new ArrayList<>();
        try {
            for (int i = 0; i < SEGMENTS; i++) {
                segments.add(JournalSegment.create(path(directory, lock, i), segmentSize, disk));
            }
            forceNames(directory);
            return new JournalRing(lock, index, segmentSize, segments);
        } catch (IOException | RuntimeException | Error e) {
            discard(directory, lock, segments);
            throw e;
        }
    }

    private static void discard(Path directory, OwnerLock lock, List<JournalSegment> segments) {
        try (lock) {
            close(segments);
            for (int i = 0; i < SEGMENTS; i++) {
                Files.deleteIfExists(path(directory, lock, i));
            }
            lock.remove();
        } catch (IOException e) {
            LOG.debugf("not all files of %s could be removed: %s", lock.owner(), e.toString());
        }
    }

    private static Path path(Path directory, OwnerLock lock, int number) {
        return directory.resolve(lock.owner() + "-" + number + OrphanTakeover.SEGMENT);
    }

    private static void forceNames(Path directory) {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        } catch (IOException e) {
            // not every system can open directories; those that cannot persist names by themselves
        }
    }

    boolean fits(int bytes) {
        return current.fits(bytes);
    }

    /** The segment of the next record. */
    JournalSegment current() {
        return current;
    }

    /**
     * Makes {@link #fits} true, or throws {@link FullException}. All written records must be forced and in the index,
     * because eviction relies on the index.
     */
    void makeRoom(int bytes) throws IOException {
        if (bytes > segmentSize || index.unsettledBytes() + bytes > limit) {
            throw new FullException();
        }
        for (int evictions = full.size(); !fits(bytes); ) {
            if (clean.size() + dirty.size() > 1) {
                roll();
            } else if (evictions-- > 0) {
                evict();
            } else {
                throw new FullException();
            }
        }
    }

    private void roll() throws IOException {
        while (clean.isEmpty()) {
            wipe();
        }
        full.addLast(current);
        current = clean.removeFirst();
    }

    private void wipe() throws IOException {
        if (dirty.getFirst().wipe()) {
            clean.addLast(dirty.removeFirst());
        }
    }

    /**
     * Evicts the oldest segment after copying its unsettled entries, which fit into the rest of the current segment and
     * the spare one.
     */
    private void evict() throws IOException {
        JournalSegment oldest = full.getFirst();
        List<JournalIndex.IndexedEntry> unsettled = index.unsettledEntries(oldest);
        List<JournalSegment> copies = new ArrayList<>();
        for (JournalIndex.IndexedEntry entry : unsettled) {
            ByteBuffer record = JournalCodec.encode(entry.record());
            if (!fits(record.remaining())) {
                current.force();
                roll();
            }
            copies.add(current);
            current.write(record, entry.record().writtenAt());
        }
        if (!unsettled.isEmpty()) {
            current.force();
        }
        for (int i = 0; i < copies.size(); i++) {
            JournalRecord.Written record = unsettled.get(i).record();
            index.put(record, 0, copies.get(i));
        }
        full.removeFirst();
        index.forget(oldest);
        dirty.addLast(oldest);
    }

    /** Performs one step of clean-up ahead of need. Returns whether there may be more to do. */
    boolean cleanUp() throws IOException {
        if (!dirty.isEmpty()) {
            wipe();
            return true;
        }
        boolean wanted = clean.size() < 2 && current.isFilling() && !full.isEmpty();
        if (wanted && isWorthwhile(full.getFirst())) {
            evict();
            return true;
        }
        return false;
    }

    private boolean isWorthwhile(JournalSegment segment) {
        return JournalIndex.bytes(index.unsettledEntries(segment)) <= segmentSize / 2;
    }

    /**
     * Evicts the segments without entries since {@code time} (milliseconds since 1970), so that sealed secrets are not
     * kept longer than needed.
     */
    void expire(long time) throws IOException {
        for (int i = full.size(); i > 0 && full.getFirst().newest() < time && isWorthwhile(full.getFirst()); i--) {
            evict();
        }
        boolean quiet = full.isEmpty() && !current.isEmpty() && current.newest() < time;
        if (quiet && index.unsettledEntries(current).isEmpty() && clean.size() + dirty.size() > 1) {
            roll();
            evict();
        }
    }

    /** Whether all files are still in the directory. */
    boolean isThere() {
        return lock.isThere() && segments().allMatch(JournalSegment::isThere);
    }

    private Stream<JournalSegment> segments() {
        return Stream.of(full, dirty, clean, List.of(current)).flatMap(some -> some.stream());
    }

    /** As {@link #close}, but only logs a failure. */
    void closeQuietly(boolean remove) {
        try {
            close(remove);
        } catch (IOException e) {
            LOG.debug("a journal file did not close", e);
        }
    }

    /** Closes the files, and deletes them if {@code remove}. */
    void close(boolean remove) throws IOException {
        try (lock) {
            close(segments().toList());
            if (remove) {
                for (JournalSegment segment : segments().toList()) {
                    Files.deleteIfExists(segment.path());
                }
                lock.remove();
            }
        }
    }

    private static void close(List<JournalSegment> segments) throws IOException {
        for (JournalSegment segment : segments) {
            segment.close();
        }
    }
}
