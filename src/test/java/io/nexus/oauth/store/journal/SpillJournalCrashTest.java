package io.nexus.oauth.store.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.credential.JournalEntry;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they append. */
class SpillJournalCrashTest {

    private static final long SIZE = 512 * 1024;

    @TempDir
    Path directory;

    @Test
    void everyConfirmedAnswerOutlivesAKilledProcess() throws Exception {
        Map<Long, JournalEntry> expected = new TreeMap<>(Map.of(0L, JournalVictim.entry(0)));
        List<JournalEntry> undecided = new ArrayList<>();
        for (int run = 0; run < 5; run++) {
            long base = 1_000_000L * (run + 1);
            // 200 appends stay in a segment or two; 3000 are many times the space, with all that has to be moved about
            // then
            List<String> said = killAfter(victim(base), run % 2 == 0 ? 200 : 3000);

            Map<Long, Long> last = new TreeMap<>();
            for (long seed = base; seed < base + JournalVictim.THREADS; seed++) {
                last.put(seed % JournalVictim.THREADS, seed - JournalVictim.THREADS);
            }
            for (String line : said) {
                long seed = Long.parseLong(line.substring(2));
                last.put(seed % JournalVictim.THREADS, seed);
                if (line.startsWith("A")) {
                    expected.put(seed, JournalVictim.entry(seed));
                } else {
                    expected.remove(seed);
                }
            }
            // each thread was about to settle the last it spoke of, or to append the next
            last.values().forEach(seed -> {
                undecided.add(JournalVictim.entry(seed));
                undecided.add(JournalVictim.entry(seed + JournalVictim.THREADS));
            });
            List<JournalEntry> possible = new ArrayList<>(expected.values());
            possible.addAll(undecided);

            SpillJournal heir = Journals.open(directory, SIZE);
            try {
                assertThat(heir.unsettled()).as("run %d", run).containsAll(expected.values());
                assertThat(heir.unsettled())
                        .as("run %d", run)
                        .isSubsetOf(possible)
                        .doesNotHaveDuplicates();
                assertThat(Journals.bytes(directory)).isEqualTo(SIZE);
            } finally {
                heir.close();
            }
        }
    }

    @Test
    void aReplicaTakesOverWhenTheOtherIsKilledAndNotBefore() throws Exception {
        SpillJournal replica = Journals.open(directory, SIZE);
        SpillJournal neighbour = Journals.open(directory, SIZE); // has to leave the locks of its own process alone, too
        JournalEntry own = Journals.entry(new Random(9), 100);
        Journals.append(replica, own);
        List<Path> files = Journals.files(directory);
        Process victim = victim(7_000_000);
        try (BufferedReader out = victim.inputReader()) {
            long lookedOften = System.nanoTime() + Journals.LOOK.multipliedBy(5).toNanos();
            for (int i = 0; i < 500 || System.nanoTime() < lookedOften; i++) {
                assertThat(out.readLine()).isNotNull();
            }
            assertThat(replica.unsettled()).containsExactly(own);
            assertThat(neighbour.unsettled()).isEmpty();
            assertThat(Journals.files(directory)).containsAll(files).hasSize(3 * 9);
            neighbour.close();

            victim.toHandle().destroyForcibly();

            await().untilAsserted(() -> assertThat(replica.unsettled())
                    .contains(own, JournalVictim.entry(0), JournalVictim.entry(7_000_000)));
            await().untilAsserted(() -> assertThat(Journals.bytes(directory)).isEqualTo(SIZE));
        } finally {
            victim.destroyForcibly();
            neighbour.close();
            replica.close();
        }
    }

    private Process victim(long base) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        JournalVictim.class.getName(),
                        directory.toString(),
                        Long.toString(SIZE),
                        Long.toString(base))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** All that it said to its end. */
    private static List<String> killAfter(Process victim, int confirmed) throws Exception {
        List<String> said = new ArrayList<>();
        try (BufferedReader out = victim.inputReader()) {
            int seen = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.matches("[AS] [0-9]+")) {
                    said.add(line);
                    seen += line.startsWith("A") ? 1 : 0;
                }
                if (seen == confirmed) {
                    victim.toHandle().destroyForcibly(); // the process's own method closes the stream, too
                }
            }
        }
        assertThat(said).hasSizeGreaterThanOrEqualTo(confirmed);
        return said;
    }
}
