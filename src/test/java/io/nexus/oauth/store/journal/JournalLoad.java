package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.JournalEntry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Appends and settles as fast as it goes, for the benchmark, which is in another package. */
public final class JournalLoad {

    private JournalLoad() {}

    /** Nanoseconds that each append took, of all appenders together, sorted. */
    public static long[] run(Path directory, int appenders, int payload, Duration time) throws Exception {
        var settings = new JournalWriter.Settings(directory, 32 << 20, Duration.ofSeconds(5), Duration.ofSeconds(30));
        SpillJournal journal = new SpillJournal(settings, Clock.systemUTC(), JournalDisk.REAL);
        journal.open();
        Journals.append(journal, Journals.entry(new Random(), payload));
        try (ExecutorService threads = Executors.newFixedThreadPool(appenders)) {
            long end = System.nanoTime() + time.toNanos();
            Callable<List<Long>> work = () -> {
                List<Long> nanos = new ArrayList<>();
                Random random = new Random();
                while (System.nanoTime() < end) {
                    JournalEntry entry = Journals.entry(random, payload);
                    long began = System.nanoTime();
                    Journals.append(journal, entry);
                    nanos.add(System.nanoTime() - began);
                    journal.settle(entry.attempt());
                }
                return nanos;
            };
            List<Future<List<Long>>> all = new ArrayList<>();
            for (int i = 0; i < appenders; i++) {
                all.add(threads.submit(work));
            }
            List<Long> nanos = new ArrayList<>();
            for (Future<List<Long>> one : all) {
                nanos.addAll(one.get());
            }
            return nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        } finally {
            journal.close();
        }
    }
}
