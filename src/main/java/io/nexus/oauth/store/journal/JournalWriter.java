package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.JournalEntry;
import java.io.IOException;
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
 * The journal's thread, the only one that uses the files. It writes queued operations, reopens the files after a
 * failure and takes over the files of ended processes. Only {@link #run} and {@link #awaitFirstTry} block.
 */
final class JournalWriter implements Runnable, OrphanTakeover.Receiver {

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);
    private static final int MAX_BATCH = 512;

    private final Settings settings;
    private final JournalIndex index;
    private final Clock clock;
    private final JournalDisk disk;
    private final OrphanTakeover orphans;
    private final JournalDirectoryName directoryName;
    private final JournalHealth health;
    private final BlockingQueue<JournalOperation> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final CountDownLatch tried = new CountDownLatch(1);
    private @Nullable JournalRing ring;
    private long nextOpen = System.nanoTime();
    private long nextCheck = nextOpen;
    private long nextTakeover = nextOpen;
    private boolean cleanupPending;
    private boolean stopping;
    private volatile boolean ended;

    /**
     * The settings of the files.
     *
     * @param directory the directory of the files
     * @param size the bytes of all files together
     * @param reopenEvery how long after a failure the files are reopened, and how often they are checked
     * @param takeoverEvery how often the thread looks for files of ended processes
     */
    record Settings(Path directory, long size, Duration reopenEvery, Duration takeoverEvery) {}

    JournalWriter(Settings settings, JournalIndex index, Clock clock, JournalDisk disk) {
        this.settings = settings;
        this.index = index;
        this.clock = clock;
        this.disk = disk;
        this.orphans = new OrphanTakeover(settings.directory());
        this.directoryName = new JournalDirectoryName(settings.directory());
        this.health = new JournalHealth(settings, index);
    }

    void append(JournalEntry entry, Consumer<@Nullable Throwable> done) {
        waiting.incrementAndGet();
        queue.add(new JournalOperation.Append(entry, waiting::decrementAndGet, done));
        refuseAfterTheEnd();
    }

    void settle(UUID attempt, boolean known) {
        queue.add(new JournalOperation.Settle(attempt, known));
        refuseAfterTheEnd();
    }

    /** Finishes what is queued, then ends {@link #run}. */
    void stop() {
        queue.add(new JournalOperation.Stop());
    }

    /** Blocks until the first attempt to open the files ended. Returns false after the timeout. */
    boolean awaitFirstTry(Duration timeout) throws InterruptedException {
        return tried.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The entries that this process took over from ended ones. */
    OrphanTakeover orphans() {
        return orphans;
    }

    /** As {@link JournalDirectoryName#name()}. */
    String directoryName() {
        return directoryName.name();
    }

    /** The number of appends that are not on the disk yet. */
    int waiting() {
        return waiting.get();
    }

    /** As {@link JournalHealth#reason}. */
    @Nullable String reason() {
        return health.reason(waiting());
    }

    /** Runs until {@link #stop}. The thread must never be interrupted, because that closes the files. */
    @Override
    public void run() {
        try {
            while (!stopping) {
                runRound();
            }
            close();
        } catch (InterruptedException e) {
            LOG.error("the journal's thread was interrupted", e);
        } finally {
            health.closed();
            ended = true;
            refuseAfterTheEnd();
        }
    }

    /** Runs due tasks, then one batch of queued operations. A failure closes the files, never the thread. */
    private void runRound() throws InterruptedException {
        try {
            health.writeStarted();
            runDue();
            cleanupPending = ring != null && ring.cleanUp();
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        }
        health.writeEnded();
        tried.countDown();
        List<JournalOperation> batch = new ArrayList<>();
        JournalOperation first = queue.poll(cleanupPending ? 0 : untilDue(), TimeUnit.NANOSECONDS);
        if (first != null) {
            batch.add(first);
            queue.drainTo(batch, MAX_BATCH);
            work(batch);
        }
    }

    private long untilDue() {
        long now = System.nanoTime();
        return Math.max(0, (ring == null ? nextOpen : Math.min(nextCheck, nextTakeover)) - now);
    }

    private void runDue() throws IOException {
        long now = System.nanoTime();
        if (ring == null && now - nextOpen >= 0) {
            nextOpen = now + settings.reopenEvery().toNanos();
            ring = open();
            directoryName.read();
            nextCheck = now;
            nextTakeover = now;
        }
        if (ring != null && now - nextTakeover >= 0) {
            nextTakeover = now + settings.takeoverEvery().toNanos();
            orphans.adopt(this);
        }
        if (ring != null && now - nextCheck >= 0) {
            nextCheck = now + settings.reopenEvery().toNanos();
            check(ring);
        }
    }

    private void check(JournalRing open) throws IOException {
        if (!open.isThere()) {
            throw new IOException("the journal files were removed");
        }
        if (!directoryName.isNamed()) {
            directoryName.read();
        }
        index.prune(clock.instant());
        open.expire(clock.instant().minus(JournalIndex.RETENTION).toEpochMilli());
        health.opened(waiting());
    }

    /** Opens new files with all unsettled entries. The old files then look like those of an ended process. */
    private JournalRing open() throws IOException {
        JournalRing opened = JournalRing.open(settings.directory(), settings.size(), index, disk);
        try {
            index.detach();
            JournalBatch batch = new JournalBatch(opened, index);
            for (JournalIndex.IndexedEntry entry : index.unsettledEntries()) {
                batch.add(entry.record(), () -> {});
            }
            batch.commit();
            return opened;
        } catch (IOException | RuntimeException | Error e) {
            opened.close(true);
            throw e;
        }
    }

    @Override
    public int takeOver(List<JournalRecord.Written> unsettled) {
        JournalRing open = ring;
        if (open == null) {
            return 0;
        }
        int safe = 0;
        try {
            double room = JournalHealth.MAX_UNSETTLED_SHARE * settings.size() - index.unsettledBytes();
            JournalBatch batch = new JournalBatch(open, index);
            for (int i = 0; i < unsettled.size() && room > 0; i++) {
                room -= batch.add(unsettled.get(i), () -> {});
                safe = i + 1;
            }
            batch.commit();
            takeOverSoonerIf(safe < unsettled.size());
            return safe;
        } catch (JournalRing.FullException e) {
            takeOverSoonerIf(true);
            return safe; // all entries added before are committed; the rest stays in the old files
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
            return 0;
        }
    }

    @Override
    public boolean remember(List<JournalRecord.Written> settled) {
        JournalRing open = ring;
        if (open == null) {
            return false;
        }
        try {
            new JournalBatch(open, index).remember(settled, clock.instant());
            return true;
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
            return false;
        }
    }

    /** Looks again soon for entries without room, because they are not replayed before they are taken over. */
    private void takeOverSoonerIf(boolean something) {
        if (something) {
            nextTakeover = System.nanoTime() + settings.reopenEvery().toNanos();
        }
    }

    private void work(List<JournalOperation> ops) {
        JournalRing open = ring;
        Throwable failure = null;
        if (open != null) {
            try {
                health.writeStarted();
                JournalBatch batch = new JournalBatch(open, index);
                for (JournalOperation op : ops) {
                    op.applyTo(batch, clock.millis());
                }
                batch.commit();
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                fail(e);
            }
            health.writeEnded();
        }
        Throwable why = failure == null ? new IOException("the journal is not open") : failure;
        for (JournalOperation op : ops) {
            stopping |= op instanceof JournalOperation.Stop;
            op.fail(why);
        }
    }

    /** Abandons the files: their state after a failed force is unknown. The next round opens new ones. */
    private void fail(Throwable failure) {
        health.failed(failure);
        JournalRing failed = ring;
        ring = null;
        if (failed != null) {
            nextOpen = System.nanoTime();
            failed.closeQuietly(false);
        }
    }

    private void close() {
        JournalRing open = ring;
        if (open != null) {
            try {
                open.current().force();
                open.closeQuietly(index.remembered(clock.instant()).isEmpty());
            } catch (IOException e) {
                fail(e);
            }
        }
    }

    private void refuseAfterTheEnd() {
        if (ended) {
            for (JournalOperation op = queue.poll(); op != null; op = queue.poll()) {
                op.fail(new IOException("the journal is closed"));
            }
        }
    }
}
