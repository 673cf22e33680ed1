package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.JournalEntry;
import java.nio.file.Path;
import java.util.Random;

/**
 * A process of its own that appends until it is killed, from several threads. Says {@code A <attempt>} after an append was confirmed,
 * and {@code S <attempt>} before it settles one. What an entry holds follows from its seed, see {@link #entry}.
 */
final class JournalVictim {

    static final int THREADS = 4;

    private JournalVictim() {}

    static JournalEntry entry(long seed) {
        Random random = new Random(seed);
        return Journals.entry(random, 200 + random.nextInt(2000));
    }

    /** Arguments: the directory, its size, and the first seed. */
    public static void main(String[] arguments) throws Exception {
        SpillJournal journal = Journals.open(Path.of(arguments[0]), Long.parseLong(arguments[1]));
        Journals.append(journal, entry(0)); // alone: outside of Quarkus Mutiny cannot start in several threads at once
        long base = Long.parseLong(arguments[2]);
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            new Thread(() -> {
                        for (long seed = base + thread; ; seed += THREADS) {
                            JournalEntry entry = entry(seed);
                            Journals.append(journal, entry);
                            say("A " + seed);
                            if (seed % 100 != 0) {
                                say("S " + seed);
                                journal.settle(entry.attempt());
                            }
                        }
                    })
                    .start();
        }
    }

    private static void say(String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }
}
