package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.TenantId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Helpers of the journal's tests. */
final class Journals {

    static final Duration RETRY = Duration.ofMillis(50);
    static final Duration LOOK = Duration.ofMillis(100);
    static final String MARK = "never-to-be-seen";

    private Journals() {}

    static SpillJournal open(Path directory, long size) throws InterruptedException {
        return open(directory, size, Clock.systemUTC(), JournalDisk.REAL);
    }

    static SpillJournal open(Path directory, long size, Clock clock, JournalDisk disk) throws InterruptedException {
        SpillJournal journal = new SpillJournal(new JournalWriter.Settings(directory, size, RETRY, LOOK), clock, disk);
        journal.open();
        return journal;
    }

    static JournalEntry entry(Random random, int payload) {
        return entry(
                new CredentialKey(new TenantId("t" + random.nextInt(1000)), uuid(random)),
                random.nextLong(),
                random,
                payload);
    }

    static JournalEntry entry(CredentialKey key, long epoch, Random random, int payload) {
        StringBuilder text = new StringBuilder("k1." + MARK);
        while (text.length() < payload) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return new JournalEntry(uuid(random), key, epoch, new SealedSecret(text.toString()));
    }

    static UUID uuid(Random random) {
        return new UUID(random.nextLong(), random.nextLong());
    }

    static void append(SpillJournal journal, JournalEntry entry) {
        journal.append(entry).await().atMost(Duration.ofSeconds(20));
    }

    /** But for the name of the place, which stays. */
    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.endsWith(JournalDirectoryName.FILE))
                    .toList();
        }
    }

    static long bytes(Path directory) throws IOException {
        long sum = 0;
        for (Path file : files(directory)) {
            sum += Files.size(file);
        }
        return sum;
    }

    /** A real disk that can fail or block on request. */
    static final class FaultyDisk implements JournalDisk {
        final AtomicInteger forces = new AtomicInteger();
        final Semaphore gate = new Semaphore(1_000_000);
        volatile boolean refusesWrites;
        volatile boolean refusesForce;

        /** Forces wait from now on; returns when one does, if {@code begin} makes one. */
        void hold(Runnable begin) {
            gate.drainPermits();
            begin.run();
            Awaitility.await().until(gate::hasQueuedThreads);
        }

        void release() {
            gate.release(1_000_000);
        }

        @Override
        public void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
            if (refusesWrites) {
                throw new IOException("No space left on device");
            }
            REAL.write(file, bytes, at);
        }

        @Override
        public void force(FileChannel file) throws IOException {
            gate.acquireUninterruptibly();
            gate.release();
            if (refusesForce) {
                throw new IOException("Input/output error");
            }
            forces.incrementAndGet();
            REAL.force(file);
        }
    }
}
