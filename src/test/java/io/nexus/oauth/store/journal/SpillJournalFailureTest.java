package io.nexus.oauth.store.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.rest.LogCapture;
import io.nexus.oauth.store.journal.Journals.FaultyDisk;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal while its disk does not work, and afterwards. */
class SpillJournalFailureTest {

    private static final long SMALL = 64 * 1024;

    @TempDir
    Path home;

    private final Random random = new Random(2);
    private final FaultyDisk disk = new FaultyDisk();
    private final List<SpillJournal> opened = new ArrayList<>();
    private LogCapture log;
    private Path directory;

    @BeforeEach
    void listen() {
        directory = home.resolve("journal");
        log = LogCapture.openWithDebug("io.nexus.oauth.store");
    }

    @AfterEach
    void close() throws Exception {
        for (SpillJournal journal : opened) {
            journal.close();
        }
        log.close();
        assertThat(log.lines()).noneMatch(line -> line.contains(Journals.MARK));
    }

    private SpillJournal open() throws Exception {
        SpillJournal journal = Journals.open(directory, SMALL, Clock.systemUTC(), disk);
        opened.add(journal);
        return journal;
    }

    private JournalEntry append(SpillJournal journal) {
        JournalEntry entry = Journals.entry(random, 200);
        Journals.append(journal, entry);
        return entry;
    }

    @Test
    void startsOnAFullDiskAndTakesUpWorkWhenThereIsRoom() throws Exception {
        disk.refusesWrites = true;
        SpillJournal journal = open();

        assertThat(journal.isWritable()).isFalse();
        assertThat(journal.isComplete()).isFalse(); // the files of ended processes are not read yet
        assertThat(journal.status().reason())
                .contains(directory.toString(), "nexus.oauth.journal.directory", "No space left on device");
        assertThatThrownBy(() -> append(journal)).isInstanceOf(StorageException.class);
        await().pollDelay(Journals.RETRY.multipliedBy(3))
                .untilAsserted(() -> assertThat(Journals.files(directory)).isEmpty());
        assertThat(log.lines())
                .filteredOn(line -> line.contains("No space left"))
                .hasSize(1);

        disk.refusesWrites = false;

        await().until(journal::isWritable);
        assertThat(journal.isComplete()).isTrue();
        assertThat(journal.unsettled()).isEmpty();
        append(journal);
        await().untilAsserted(() -> assertThat(log.lines()).anyMatch(line -> line.contains("can be written again")));
    }

    @Test
    void startsWithAFileInPlaceOfItsDirectory() throws Exception {
        Files.writeString(directory, "in the way");
        SpillJournal journal = open();
        assertThat(journal.isWritable()).isFalse();

        Files.delete(directory);

        await().until(journal::isWritable);
        append(journal);
    }

    @Test
    void failsWhatItCouldNotForceAndKeepsWhatItHad() throws Exception {
        SpillJournal journal = open();
        JournalEntry before = append(journal);
        JournalEntry settled = append(journal);
        journal.settle(settled.attempt());
        disk.refusesForce = true;

        assertThatThrownBy(() -> append(journal))
                .isInstanceOf(StorageException.class)
                .hasMessage("the journal cannot be used: IOException");
        assertThat(journal.isWritable()).isFalse();
        assertThatThrownBy(() -> append(journal)).isInstanceOf(StorageException.class);
        assertThat(journal.unsettled()).containsExactly(before);

        disk.refusesForce = false;
        await().until(journal::isWritable);
        assertThat(journal.unsettled()).contains(before).doesNotContain(settled);
        assertThat(journal.remembered()).contains(before, settled);
        JournalEntry after = append(journal);
        journal.close();
        assertThat(open().unsettled()).contains(before, after).doesNotContain(settled);
        await().untilAsserted(() -> assertThat(Journals.bytes(directory)).isEqualTo(SMALL));
    }

    @Test
    void aFailedWriteIsNotTheEnd() throws Exception {
        SpillJournal journal = open();
        JournalEntry before = append(journal);
        disk.refusesWrites = true;
        assertThatThrownBy(() -> append(journal)).isInstanceOf(StorageException.class);
        disk.refusesWrites = false;

        await().until(journal::isWritable);

        JournalEntry after = append(journal);
        assertThat(journal.unsettled()).containsExactlyInAnyOrder(before, after);
        await().untilAsserted(() -> assertThat(Journals.bytes(directory)).isEqualTo(SMALL));
    }

    @Test
    void confirmsNothingThatIsWrittenToARemovedFile() throws Exception {
        SpillJournal journal = Journals.open(directory, SMALL, Clock.systemUTC(), disk);
        opened.add(journal);
        JournalEntry before = append(journal);
        Path moved = home.resolve("moved");
        List<CompletableFuture<Void>> late = new ArrayList<>();
        disk.hold(() -> late.add(SpillJournalTest.start(journal.append(Journals.entry(random, 100)))));
        Files.move(directory, moved);

        disk.release();

        assertThat(late.getFirst()).failsWithin(Duration.ofSeconds(30));
        await().until(journal::isWritable);
        JournalEntry after = append(journal);
        journal.close();
        assertThat(open().unsettled()).contains(before, after);
    }

    @Test
    void comesBackByItselfWhenItsDirectoryWasRemovedOrReplaced() throws Exception {
        SpillJournal journal = open();
        JournalEntry before = append(journal);
        delete(directory);
        Files.writeString(directory, "in the way");
        await().until(() -> !journal.isWritable());
        assertThatThrownBy(() -> append(journal)).isInstanceOf(StorageException.class);

        Files.delete(directory);

        await().until(journal::isWritable);
        assertThat(journal.unsettled()).containsExactly(before);
        journal.close();
        assertThat(open().unsettled()).containsExactly(before);
    }

    @Test
    void noticesThatItsLockIsGone() throws Exception {
        SpillJournal journal = open();
        JournalEntry before = append(journal);
        List<Path> files = Journals.files(directory);

        Files.delete(files.stream()
                .filter(file -> file.toString().endsWith(OwnerLock.SUFFIX))
                .findFirst()
                .orElseThrow());

        await().untilAsserted(
                        () -> assertThat(Journals.files(directory)).hasSize(9).doesNotContainAnyElementsOf(files));
        assertThat(journal.unsettled()).containsExactly(before);
    }

    @Test
    void doesNotTakeLessThanFourMegabytes() {
        JournalConfig config = new JournalConfig() {
            @Override
            public String directory() {
                return directory.toString();
            }

            @Override
            public MemorySize size() {
                return new MemorySize(BigInteger.valueOf((4 << 20) - 1));
            }
        };

        assertThatThrownBy(() -> new SpillJournal(config, Clock.systemUTC()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nexus.oauth.journal.size");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
