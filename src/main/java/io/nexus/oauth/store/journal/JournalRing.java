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
 * The files of one owner: a fixed number of segments that are used in turn, the oldest one again once what it holds is settled or
 * copied. One segment is always kept free for such copies. Everything blocks; for the journal's thread only. After an {@link
 * IOException} other than {@link JournalFullException} the files are not to be written again: what a disk that refused a force did with
 * the data is not known.
 */
final class JournalRing {

    static final int SEGMENTS = 8;

    private static final Logger LOG = Logger.getLogger(JournalRing.class);

    private final OwnerLock lock;
    private final JournalIndex index;
    private final int segmentSize;

    /** What unsettled entries may take. The nearer to all but the spare segment, the more is copied for each new entry. */
    private final long limit;

    /** Oldest first, as are the others; evicted but not overwritten yet; as new. */
    private final Deque<JournalSegment> full = new ArrayDeque<>();

    private final Deque<JournalSegment> dirty = new ArrayDeque<>();
    private final Deque<JournalSegment> clean = new ArrayDeque<>();
    private JournalSegment current;

    private JournalRing(OwnerLock lock, JournalIndex index, int segmentSize, List<JournalSegment> segments) {
        this.lock = lock;
        this.index = index;
        this.segmentSize = segmentSize;
        this.limit = (SEGMENTS - 1L) * segmentSize - segmentSize / 4;
        clean.addAll(segments);
        current = clean.removeFirst();
    }

    /** Begins a new owner with all of its space; leaves nothing behind when that cannot be had. */
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
            giveBack(directory, lock, segments);
            throw e;
        }
    }

    private static void giveBack(Path directory, OwnerLock lock, List<JournalSegment> segments) {
        try (lock) {
            close(segments);
            for (int i = 0; i < SEGMENTS; i++) {
                Files.deleteIfExists(path(directory, lock, i));
            }
            lock.remove();
        } catch (IOException e) {
            LOG.debugf("not everything of %s could be removed: %s", lock.owner(), e.toString());
        }
    }

    private static Path path(Path directory, OwnerLock lock, int number) {
        return directory.resolve(lock.owner() + "-" + number + OrphanTakeover.SEGMENT);
    }

    private static void forceNames(Path directory) {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        } catch (IOException e) {
            // not every system opens directories; those keep names by themselves
        }
    }

    boolean fits(int bytes) {
        return current.fits(bytes);
    }

    /** Where the next record goes. */
    JournalSegment current() {
        return current;
    }

    /**
     * Makes {@link #fits} true, or throws {@link JournalFullException}. Everything written has to be forced and in the index: a segment
     * is evicted by what the index says.
     */
    void makeRoom(int bytes) throws IOException {
        if (bytes > segmentSize || index.unsettledBytes() + bytes > limit) {
            throw new JournalFullException();
        }
        for (int evictions = full.size(); !fits(bytes); ) {
            if (clean.size() + dirty.size() > 1) {
                roll();
            } else if (evictions-- > 0) {
                evict();
            } else {
                throw new JournalFullException();
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

    /** Copies what the oldest segment alone holds, which fits into the rest of the current one and the spare one, and gives it up. */
    private void evict() throws IOException {
        JournalSegment oldest = full.getFirst();
        List<JournalIndex.Held> living = index.living(oldest);
        List<JournalSegment> copies = new ArrayList<>();
        for (JournalIndex.Held entry : living) {
            ByteBuffer record = JournalCodec.encode(entry.record());
            if (!fits(record.remaining())) {
                current.force();
                roll();
            }
            copies.add(current);
            current.write(record, entry.record().writtenAt());
        }
        if (!living.isEmpty()) {
            current.force();
        }
        for (int i = 0; i < copies.size(); i++) {
            JournalRecord.Written record = living.get(i).record();
            index.put(record, 0, copies.get(i));
        }
        full.removeFirst();
        index.forget(oldest);
        dirty.addLast(oldest);
    }

    /** A little of what will have to be done sooner or later; whether there is more. */
    boolean tidy() throws IOException {
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
        return JournalIndex.bytes(index.living(segment)) <= segmentSize / 2;
    }

    /** Gives up the segments with nothing newer than {@code time}: a sealed secret is not kept for longer than it is good for. */
    void expire(long time) throws IOException {
        for (int i = full.size(); i > 0 && full.getFirst().newest() < time && isWorthwhile(full.getFirst()); i--) {
            evict();
        }
        boolean quiet = full.isEmpty() && !current.isEmpty() && current.newest() < time;
        if (quiet && index.living(current).isEmpty() && clean.size() + dirty.size() > 1) {
            roll();
            evict();
        }
    }

    /** Whether the files still have their names. */
    boolean isThere() {
        return lock.isThere() && segments().allMatch(JournalSegment::isThere);
    }

    private Stream<JournalSegment> segments() {
        return Stream.of(full, dirty, clean, List.of(current)).flatMap(some -> some.stream());
    }

    /** Lets go of the files, and removes them when there is nothing in them that is to be kept. */
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
