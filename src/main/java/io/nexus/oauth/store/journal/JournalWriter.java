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
 * The journal's thread: the only one that touches files. Writes what is queued, opens the files again after they failed, takes over from
 * processes that ended. Only {@link #run} blocks.
 */
final class JournalWriter implements Runnable {

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);
    private static final int LARGEST_BATCH = 512;

    private final Settings settings;
    private final JournalIndex index;
    private final Clock clock;
    private final JournalDisk disk;
    private final OrphanTakeover orphans;
    private final JournalDirectoryName place;
    private final JournalHealth health;
    private final BlockingQueue<JournalOperation> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final CountDownLatch tried = new CountDownLatch(1);
    private @Nullable JournalRing ring;
    private long nextOpen = System.nanoTime();
    private long nextCheck = nextOpen;
    private long nextLook = nextOpen;
    private boolean untidy;
    private boolean stopping;
    private volatile boolean adopted;
    private volatile boolean ended;

    /**
     * How the files are kept.
     *
     * @param directory where
     * @param size bytes of all files together
     * @param retry how long after a failure the files are opened again, and how often they are looked at
     * @param look how often dead processes are looked for
     */
    record Settings(Path directory, long size, Duration retry, Duration look) {}

    JournalWriter(Settings settings, JournalIndex index, Clock clock, JournalDisk disk) {
        this.settings = settings;
        this.index = index;
        this.clock = clock;
        this.disk = disk;
        this.orphans = new OrphanTakeover(settings.directory());
        this.place = new JournalDirectoryName(settings.directory());
        this.health = new JournalHealth(settings, index);
    }

    void append(JournalEntry entry, Consumer<@Nullable Throwable> done) {
        waiting.incrementAndGet();
        queue.add(new JournalOperation.Append(entry, done));
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

    /** Whether the files were opened, or could not be, within the time. Blocks until then. */
    boolean awaitFirstTry(Duration patience) throws InterruptedException {
        return tried.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean hasAdopted() {
        return adopted;
    }

    /** As {@link JournalDirectoryName#name()}. */
    String place() {
        return place.name();
    }

    /** Appends that are not on the disk yet. */
    int waiting() {
        return waiting.get();
    }

    /** As {@link JournalHealth#reason}. */
    @Nullable String reason() {
        return health.reason(waiting());
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
            health.closed();
            ended = true;
            refuseAfterTheEnd();
        }
    }

    /** One round: what is due, then what is queued. A failure of any kind costs the files and never the thread. */
    private void turn() throws InterruptedException {
        try {
            health.begins();
            due();
            untidy = ring != null && ring.tidy();
        } catch (IOException | RuntimeException | Error e) {
            broke(e);
        }
        health.ends();
        tried.countDown();
        List<JournalOperation> batch = new ArrayList<>();
        JournalOperation first = queue.poll(untidy ? 0 : untilDue(), TimeUnit.NANOSECONDS);
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
            orphans.adopt(this::inherit);
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
        health.works(waiting());
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
            double room = JournalHealth.CROWDED * settings.size() - index.unsettledBytes();
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

    private void work(List<JournalOperation> ops) {
        JournalRing open = ring;
        Throwable failure = null;
        if (open != null) {
            try {
                health.begins();
                JournalBatch batch = new JournalBatch(open, index);
                for (JournalOperation op : ops) {
                    write(batch, op);
                }
                batch.commit();
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                broke(e);
            }
            health.ends();
        }
        Throwable why = failure == null ? new IOException("the journal is not open") : failure;
        for (JournalOperation op : ops) {
            stopping |= op instanceof JournalOperation.Stop;
            if (op instanceof JournalOperation.Append append) {
                finish(append, why);
            }
        }
    }

    private void write(JournalBatch batch, JournalOperation op) throws IOException {
        long now = clock.millis();
        switch (op) {
            case JournalOperation.Append append -> {
                try {
                    batch.add(new JournalRecord.Written(append.entry(), now), () -> finish(append, null));
                } catch (JournalFullException | IllegalArgumentException e) {
                    finish(append, e);
                }
            }
            case JournalOperation.Settle settle -> {
                try {
                    if (settle.known() || batch.knows(settle.attempt())) {
                        batch.settle(new JournalRecord.Settled(settle.attempt(), now));
                    }
                } catch (JournalFullException e) {
                    LOG.debug("no room for a tombstone; its entry will be replayed once more after a restart");
                }
            }
            case JournalOperation.Stop stop -> {}
        }
    }

    private void finish(JournalOperation.Append append, @Nullable Throwable failure) {
        append.finish(failure, waiting::decrementAndGet);
    }

    /** Gives the files up as they are: after a failed force nothing is known of them. They are opened anew at once, then every while. */
    private void broke(Throwable failure) {
        health.broke(failure);
        JournalRing failed = ring;
        ring = null;
        if (failed != null) {
            nextOpen = System.nanoTime();
            close(failed, false);
        }
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
            for (JournalOperation op = queue.poll(); op != null; op = queue.poll()) {
                if (op instanceof JournalOperation.Append append) {
                    finish(append, new IOException("the journal is closed"));
                }
            }
        }
    }
}
