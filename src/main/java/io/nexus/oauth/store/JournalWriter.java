package io.nexus.oauth.store;

import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.StorageException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The journal's thread: the only one that touches files. Writes what is queued, opens the files again after they failed, takes over from
 * processes that ended. Only {@link #run} blocks.
 */
final class JournalWriter implements Runnable {

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);
    private static final int LARGEST_BATCH = 512;
    private static final int MANY = 500;
    private static final double CROWDED = 0.8;
    private static final long STUCK = TimeUnit.SECONDS.toNanos(5);

    private final Settings settings;
    private final JournalIndex index;
    private final Clock clock;
    private final JournalDisk disk;
    private final DeadOwners deadOwners;
    private final JournalPlace place;
    private final BlockingQueue<Op> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final CountDownLatch tried = new CountDownLatch(1);
    private @Nullable JournalRing ring;
    private long nextOpen = System.nanoTime();
    private long nextCheck = nextOpen;
    private long nextLook = nextOpen;
    private boolean untidy;
    private boolean stopping;
    private @Nullable String said;
    private volatile boolean adopted;
    private volatile boolean ended;
    private volatile @Nullable String broken = "the journal is not open yet";
    private volatile long workingSince;

    /**
     * How the files are kept.
     *
     * @param directory where
     * @param size bytes of all files together
     * @param retry how long after a failure the files are opened again, and how often they are looked at
     * @param look how often dead processes are looked for
     */
    record Settings(Path directory, long size, Duration retry, Duration look) {}

    private sealed interface Op {}

    /** A tombstone; when the entry is not {@code known} its append may be on the way, or never have been. */
    private record Settle(UUID attempt, boolean known) implements Op {}

    private record Stop() implements Op {}

    /** An append; {@code done} hears once, with null when the record is on the disk. */
    private static final class Append implements Op {
        private final JournalEntry entry;
        private final Consumer<@Nullable Throwable> done;
        private boolean finished;

        Append(JournalEntry entry, Consumer<@Nullable Throwable> done) {
            this.entry = entry;
            this.done = done;
        }
    }

    JournalWriter(Settings settings, JournalIndex index, Clock clock, JournalDisk disk) {
        this.settings = settings;
        this.index = index;
        this.clock = clock;
        this.disk = disk;
        this.deadOwners = new DeadOwners(settings.directory());
        this.place = new JournalPlace(settings.directory());
    }

    void append(JournalEntry entry, Consumer<@Nullable Throwable> done) {
        waiting.incrementAndGet();
        queue.add(new Append(entry, done));
        refuseAfterTheEnd();
    }

    void settle(UUID attempt, boolean known) {
        queue.add(new Settle(attempt, known));
        refuseAfterTheEnd();
    }

    /** Finishes what is queued, then ends {@link #run}. */
    void stop() {
        queue.add(new Stop());
    }

    /** Whether the files were opened, or could not be, within the time. Blocks until then. */
    boolean awaitFirstTry(Duration patience) throws InterruptedException {
        return tried.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean hasAdopted() {
        return adopted;
    }

    /** As {@link JournalPlace#name()}. */
    String place() {
        return place.name();
    }

    /** Appends that are not on the disk yet. */
    int waiting() {
        return waiting.get();
    }

    /** Why nothing more should be begun; null when it may. */
    @Nullable String reason() {
        String why = broken;
        if (why != null) {
            return why;
        }
        if (index.unsettledBytes() > CROWDED * settings.size()) {
            return "answers that are not in the database yet take more than 80 % of " + settings.directory()
                    + " (nexus.oauth.journal.size)";
        }
        if (waiting() > MANY || isStuck()) {
            return "the disk of " + settings.directory() + " is too slow (nexus.oauth.journal.directory)";
        }
        return null;
    }

    private boolean isStuck() {
        long since = workingSince;
        return since != 0 && System.nanoTime() - since > STUCK;
    }

    /** The thread's life. Must never be interrupted: that closes the files. */
    @Override
    public void run() {
        try {
            while (!stopping) {
                turn();
            }
            close();
        } catch (InterruptedException e) {
            LOG.error("the journal's thread was interrupted", e);
        } finally {
            broken = "the journal is closed";
            ended = true;
            refuseAfterTheEnd();
        }
    }

    /** One round: what is due, then what is queued. A failure of any kind costs the files and never the thread. */
    private void turn() throws InterruptedException {
        try {
            workingSince = System.nanoTime() | 1;
            due();
            untidy = ring != null && ring.tidy();
        } catch (IOException | RuntimeException | Error e) {
            broke(e);
        }
        workingSince = 0;
        tried.countDown();
        List<Op> batch = new ArrayList<>();
        Op first = queue.poll(untidy ? 0 : untilDue(), TimeUnit.NANOSECONDS);
        if (first != null) {
            batch.add(first);
            queue.drainTo(batch, LARGEST_BATCH);
            work(batch);
        }
    }

    private long untilDue() {
        long now = System.nanoTime();
        return Math.max(0, (ring == null ? nextOpen : Math.min(nextCheck, nextLook)) - now);
    }

    private void due() throws IOException {
        long now = System.nanoTime();
        if (ring == null && now - nextOpen >= 0) {
            nextOpen = now + settings.retry().toNanos();
            ring = open();
            place.look();
            nextCheck = now;
            nextLook = now;
        }
        if (ring != null && now - nextLook >= 0) {
            nextLook = now + settings.look().toNanos();
            deadOwners.adopt(this::inherit);
            adopted = true;
        }
        if (ring != null && now - nextCheck >= 0) {
            nextCheck = now + settings.retry().toNanos();
            check(ring);
        }
    }

    private void check(JournalRing open) throws IOException {
        if (!open.isThere()) {
            throw new IOException("the files are not there any more");
        }
        if (!place.isNamed()) {
            place.look();
        }
        index.prune(clock.instant());
        open.expire(clock.instant().minus(JournalIndex.REMEMBERED).toEpochMilli());
        broken = null;
        say(reason());
    }

    /** New files, with everything in them that is not settled; the old ones are then those of somebody who is dead. */
    private JournalRing open() throws IOException {
        JournalRing opened = JournalRing.open(settings.directory(), settings.size(), index, disk);
        try {
            index.detach();
            JournalBatch batch = new JournalBatch(opened, index);
            for (JournalIndex.Held entry : index.living()) {
                batch.add(entry.record(), () -> {});
            }
            batch.commit();
            return opened;
        } catch (IOException | RuntimeException | Error e) {
            opened.close(true);
            throw e;
        }
    }

    /** Takes over as much as there is room for without closing the journal for answers of its own. */
    private int inherit(List<JournalRecord.Written> unsettled) {
        JournalRing open = ring;
        if (open == null) {
            return 0;
        }
        int safe = 0;
        try {
            double room = CROWDED * settings.size() - index.unsettledBytes();
            JournalBatch batch = new JournalBatch(open, index);
            for (int i = 0; i < unsettled.size() && room > 0; i++) {
                room -= batch.add(unsettled.get(i), () -> {});
                safe = i + 1;
            }
            batch.commit();
            lookSoonerIf(safe < unsettled.size());
            return safe;
        } catch (JournalFullException e) {
            lookSoonerIf(true);
            return safe; // all that was added before is committed; the rest stays where it is
        } catch (IOException | RuntimeException | Error e) {
            broke(e);
            return 0;
        }
    }

    /** What found no room is not replayed either, so it must not wait for long once there is room. */
    private void lookSoonerIf(boolean something) {
        if (something) {
            nextLook = System.nanoTime() + settings.retry().toNanos();
        }
    }

    private void work(List<Op> ops) {
        JournalRing open = ring;
        Throwable failure = null;
        if (open != null) {
            try {
                workingSince = System.nanoTime() | 1;
                JournalBatch batch = new JournalBatch(open, index);
                for (Op op : ops) {
                    write(batch, op);
                }
                batch.commit();
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                broke(e);
            }
            workingSince = 0;
        }
        Throwable why = failure == null ? new IOException("the journal is not open") : failure;
        for (Op op : ops) {
            stopping |= op instanceof Stop;
            if (op instanceof Append append) {
                finish(append, why);
            }
        }
    }

    private void write(JournalBatch batch, Op op) throws IOException {
        long now = clock.millis();
        switch (op) {
            case Append append -> {
                try {
                    batch.add(new JournalRecord.Written(append.entry, now), () -> finish(append, null));
                } catch (JournalFullException | IllegalArgumentException e) {
                    finish(append, e);
                }
            }
            case Settle settle -> {
                try {
                    if (settle.known || batch.knows(settle.attempt)) {
                        batch.settle(new JournalRecord.Settled(settle.attempt, now));
                    }
                } catch (JournalFullException e) {
                    LOG.debug("no room for a tombstone; its entry will be replayed once more after a restart");
                }
            }
            case Stop stop -> {}
        }
    }

    /** Tells who appended; the first time counts. Whatever they do with it, the thread goes on. */
    private void finish(Append append, @Nullable Throwable failure) {
        if (append.finished) {
            return;
        }
        append.finished = true;
        waiting.decrementAndGet();
        try {
            append.done.accept(failure == null ? null : StorageException.ofJournal(failure));
        } catch (RuntimeException e) {
            LOG.error("nobody could be told what became of an append", e);
        }
    }

    /** Gives the files up as they are: after a failed force nothing is known of them. They are opened anew at once, then every while. */
    private void broke(Throwable failure) {
        broken = "cannot write to " + settings.directory() + " (nexus.oauth.journal.directory): " + detail(failure);
        say(broken);
        JournalRing failed = ring;
        ring = null;
        if (failed != null) {
            nextOpen = System.nanoTime();
            close(failed, false);
        }
    }

    /** The same for the same fault: without the path, which is of a new file each time. */
    private static String detail(Throwable failure) {
        String text = failure instanceof FileSystemException file ? file.getReason() : failure.getMessage();
        String kind = failure.getClass().getSimpleName();
        return failure instanceof IOException && text != null ? kind + ", " + text : kind;
    }

    private void say(@Nullable String reason) {
        if (reason != null && !reason.equals(said)) {
            LOG.warn(reason);
        } else if (reason == null && said != null) {
            LOG.infof("the journal in %s can be written again", settings.directory());
        }
        said = reason;
    }

    private void close() {
        JournalRing open = ring;
        if (open != null) {
            try {
                open.current().force();
                close(open, index.unsettledCount() == 0);
            } catch (IOException e) {
                broke(e);
            }
        }
    }

    private static void close(JournalRing ring, boolean remove) {
        try {
            ring.close(remove);
        } catch (IOException e) {
            LOG.debug("a journal file did not close", e);
        }
    }

    private void refuseAfterTheEnd() {
        if (ended) {
            for (Op op = queue.poll(); op != null; op = queue.poll()) {
                if (op instanceof Append append) {
                    finish(append, new IOException("the journal is closed"));
                }
            }
        }
    }
}
