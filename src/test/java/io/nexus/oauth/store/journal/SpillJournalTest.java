package io.nexus.oauth.store.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.journal.Journals.FaultyDisk;
import io.nexus.oauth.testing.MutableClock;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal while its disk works. */
class SpillJournalTest {

    private static final long SMALL = 64 * 1024;
    private static final Duration RETENTION = Duration.ofMinutes(15);

    @TempDir
    Path home;

    private final Random random = new Random(1);
    private final FaultyDisk disk = new FaultyDisk();
    private final MutableClock clock = new MutableClock();
    private final List<SpillJournal> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        disk.release();
        for (SpillJournal journal : opened) {
            journal.close();
        }
    }

    private Path directory() {
        return home.resolve("journal");
    }

    private SpillJournal open(long size) throws Exception {
        SpillJournal journal = Journals.open(directory(), size, clock, disk);
        opened.add(journal);
        return journal;
    }

    // a machine whose answers are not here must not be taken for this one because its paths are the same
    @Test
    void placeIsThatOfTheDirectoryAndNotOfItsPath() throws Exception {
        SpillJournal first = open(SMALL);
        String place = first.directoryName();
        assertThat(open(SMALL).directoryName()).isEqualTo(place);
        for (SpillJournal journal : opened) {
            journal.close();
        }
        opened.clear();
        assertThat(open(SMALL).directoryName()).isEqualTo(place);
        opened.removeFirst().close();

        Files.move(directory(), home.resolve("moved"));
        String elsewhere = open(SMALL).directoryName();

        assertThat(elsewhere).isNotEqualTo(place).doesNotContain(directory().toString());
        SpillJournal moved = Journals.open(home.resolve("moved"), SMALL, clock, disk);
        opened.add(moved);
        assertThat(moved.directoryName()).isEqualTo(place);
    }

    @Test
    void placeThatCannotBeReadIsNobodyElses() throws Exception {
        String place = open(SMALL).directoryName();
        Files.writeString(directory().resolve(JournalDirectoryName.FILE), "");

        SpillJournal one = open(SMALL);
        SpillJournal two = open(SMALL);

        assertThat(one.directoryName()).isNotEqualTo(place).isNotEqualTo(two.directoryName());
    }

    @Test
    void confirmsOnlyWhatIsForced() throws Exception {
        SpillJournal journal = open(SMALL);
        JournalEntry entry = Journals.entry(random, 100);
        List<CompletableFuture<Void>> appended = new ArrayList<>();

        disk.hold(() -> appended.add(start(journal.append(entry))));

        assertThat(appended.getFirst()).isNotDone();
        assertThat(journal.status().waiting()).isEqualTo(1);
        disk.release();
        assertThat(appended.getFirst()).succeedsWithin(Duration.ofSeconds(30));
        assertThat(journal.unsettled()).containsExactly(entry);
        assertThat(journal.status().waiting()).isZero();
    }

    @Test
    void forcesOnceForEverybodyWhoWaits() throws Exception {
        SpillJournal journal = open(1 << 20);
        List<CompletableFuture<Void>> appended = new ArrayList<>();
        disk.hold(() -> appended.add(start(journal.append(Journals.entry(random, 100)))));
        int before = disk.forces.get();

        for (int i = 0; i < 300; i++) {
            appended.add(start(journal.append(Journals.entry(random, 100))));
        }
        disk.release();

        assertThat(CompletableFuture.allOf(appended.toArray(CompletableFuture[]::new)))
                .succeedsWithin(Duration.ofSeconds(30));
        assertThat(disk.forces.get() - before).isEqualTo(2);
        assertThat(journal.unsettled()).hasSize(301);
    }

    @Test
    void answersOnTheContextOfWhoAsked() throws Exception {
        SpillJournal journal = open(SMALL);
        Vertx vertx = Vertx.vertx();
        try {
            Context context = vertx.getOrCreateContext();
            CompletableFuture<Context> heard = new CompletableFuture<>();
            context.runOnContext(ignored -> journal.append(Journals.entry(random, 100))
                    .subscribe()
                    .with(done -> heard.complete(Vertx.currentContext()), heard::completeExceptionally));

            assertThat(heard).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(context);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void writesWithEachSubscriptionAndForSubscribersThatLeave() throws Exception {
        SpillJournal journal = open(SMALL);
        JournalEntry entry = Journals.entry(random, 100);
        Uni<Void> append = journal.append(entry);
        Journals.append(journal, Journals.entry(random, 100));
        assertThat(journal.unsettled()).doesNotContain(entry);

        disk.hold(() -> append.subscribe().with(done -> {}).cancel());
        disk.release();

        await().untilAsserted(() -> assertThat(journal.unsettled()).contains(entry));
    }

    @Test
    void aRestartKeepsWhatIsNotSettled() throws Exception {
        SpillJournal first = open(SMALL);
        List<JournalEntry> entries = IntStream.range(0, 20)
                .mapToObj(i -> Journals.entry(random, 500))
                .toList();
        entries.forEach(entry -> Journals.append(first, entry));
        entries.subList(0, 10).forEach(entry -> first.settle(entry.attempt()));
        assertThat(first.unsettled()).hasSameElementsAs(entries.subList(10, 20));
        first.close();

        SpillJournal second = open(SMALL);

        assertThat(second.unsettled()).hasSameElementsAs(entries.subList(10, 20));
        assertThat(second.remembered()).hasSameElementsAs(entries);
        assertThat(second.takeovers()).isOne();
        assertThat(Journals.bytes(directory())).isEqualTo(SMALL);
    }

    // a database that fails over while the service restarts has lost them, and only this disk has the tokens
    @Test
    void aRestartRemembersWhatIsStored() throws Exception {
        SpillJournal first = open(SMALL);
        JournalEntry entry = Journals.entry(random, 100);
        Journals.append(first, entry);
        first.settle(entry.attempt());
        first.close();

        SpillJournal second = open(SMALL);
        assertThat(second.unsettled()).isEmpty();
        assertThat(second.remembered()).containsExactly(entry);
        assertThat(second.newest(entry.key())).contains(entry);
        second.close();
        SpillJournal third = open(SMALL);
        assertThat(third.unsettled()).isEmpty();
        assertThat(third.remembered()).containsExactly(entry);

        clock.advance(RETENTION);
        assertThat(third.remembered()).isEmpty();
        await().until(() -> {
            clock.advance(RETENTION);
            return !isOnDisk(Journals.MARK);
        });
    }

    @Test
    void remembersTheNewestOfWhatIsStoredWhenSpaceIsShort() throws Exception {
        SpillJournal large = open(4 * SMALL);
        List<JournalEntry> stored = IntStream.range(0, 300)
                .mapToObj(i -> Journals.entry(random, 500))
                .toList();
        for (JournalEntry entry : stored) {
            clock.advance(Duration.ofMillis(1));
            Journals.append(large, entry);
            large.settle(entry.attempt());
        }
        JournalEntry lasting = Journals.entry(random, 500);
        Journals.append(large, lasting);
        large.close();

        SpillJournal small = open(SMALL);

        assertThat(small.unsettled()).containsExactly(lasting);
        assertThat(small.remembered()).contains(stored.getLast()).doesNotContain(stored.getFirst());
        assertThat(Journals.bytes(directory())).isEqualTo(SMALL);
    }

    @Test
    void knowsWhetherAnotherProcessUsesTheDirectory() throws Exception {
        SpillJournal first = open(SMALL);
        await().until(first::isAlone);
        SpillJournal second = open(SMALL);

        await().untilAsserted(() -> assertThat(first.isAlone()).isFalse());
        assertThat(second.isAlone()).isFalse();

        first.close();
        await().until(second::isAlone);
    }

    @Test
    void leavesNothingBehindWhenAllIsSettledAndForgotten() throws Exception {
        SpillJournal journal = open(SMALL);
        JournalEntry entry = Journals.entry(random, 100);
        Journals.append(journal, entry);
        journal.settle(entry.attempt());
        await().untilAsserted(() -> assertThat(journal.unsettled()).isEmpty());
        clock.advance(RETENTION);

        journal.close();

        assertThat(Journals.files(directory())).isEmpty();
    }

    @Test
    void anEntryMayBeSettledBeforeItIsConfirmed() throws Exception {
        SpillJournal first = open(SMALL);
        JournalEntry other = Journals.entry(random, 100);
        JournalEntry entry = Journals.entry(random, 100);
        List<CompletableFuture<Void>> appended = new ArrayList<>();
        disk.hold(() -> appended.add(start(first.append(other))));
        appended.add(start(first.append(entry)));
        first.settle(entry.attempt());
        disk.release();
        assertThat(CompletableFuture.allOf(appended.toArray(CompletableFuture[]::new)))
                .succeedsWithin(Duration.ofSeconds(30));

        await().untilAsserted(() -> assertThat(first.unsettled()).containsExactly(other));
        first.close();
        assertThat(open(SMALL).unsettled()).containsExactly(other);
    }

    @Test
    void remembersForAQuarterOfAnHourAndTheUnsettledForever() throws Exception {
        SpillJournal journal = open(SMALL);
        CredentialKey key = new CredentialKey(new TenantId("acme"), UUID.randomUUID());
        JournalEntry second = Journals.entry(key, 2, random, 100);
        JournalEntry first = Journals.entry(key, 1, random, 100);
        JournalEntry lasting = Journals.entry(random, 100);
        List.of(second, first, lasting).forEach(entry -> Journals.append(journal, entry));
        List.of(second, first, first).forEach(entry -> journal.settle(entry.attempt()));
        journal.settle(UUID.randomUUID());

        assertThat(journal.unsettled()).containsExactly(lasting);
        assertThat(journal.remembered()).containsExactlyInAnyOrder(second, first, lasting);
        assertThat(journal.newest(key)).contains(second);
        assertThat(journal.newest(new CredentialKey(new TenantId("other"), key.id())))
                .isEmpty();
        assertThat(journal.status().unsettled()).isEqualTo(1);

        clock.advance(RETENTION);

        assertThat(journal.remembered()).containsExactly(lasting);
        assertThat(journal.newest(key)).isEmpty();
    }

    @Test
    void overwritesWhatNobodyNeedsAnyMore() throws Exception {
        SpillJournal journal = open(SMALL);
        JournalEntry entry = Journals.entry(random, 100);
        Journals.append(journal, entry);
        journal.settle(entry.attempt());
        assertThat(isOnDisk(Journals.MARK)).isTrue();

        await().until(() -> {
            clock.advance(RETENTION); // the tombstone may be written at any of these times
            return !isOnDisk(Journals.MARK);
        });
    }

    private boolean isOnDisk(String text) throws Exception {
        for (Path file : Journals.files(directory())) {
            if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void staysWithinItsSpaceAndKeepsWhatIsPinned() throws Exception {
        SpillJournal journal = open(SMALL);
        List<JournalEntry> pinned = new ArrayList<>();
        for (long written = 0; written < 10 * SMALL; written += 500) {
            JournalEntry entry = Journals.entry(random, 500);
            Journals.append(journal, entry);
            if (pinned.size() < 30 && random.nextInt(30) == 0) {
                pinned.add(entry);
            } else {
                journal.settle(entry.attempt());
            }
            assertThat(Journals.bytes(directory())).isEqualTo(SMALL);
        }

        assertThat(pinned).hasSize(30);
        assertThat(journal.unsettled()).hasSameElementsAs(pinned).hasSize(30);
        assertThat(journal.isWritable()).isTrue();
        assertThat(journal.remembered().size()).isBetween(40, (int) SMALL / 500);
        journal.close();
        assertThat(open(SMALL).unsettled()).hasSameElementsAs(pinned).hasSize(30);
    }

    @Test
    void isCrowdedBeforeItIsFullAndLosesNothingThen() throws Exception {
        SpillJournal journal = open(SMALL);
        List<JournalEntry> kept = fill(journal);

        assertThat(journal.status().usedShare()).isGreaterThan(0.8);
        assertThat(journal.status().writable()).isFalse();
        assertThat(journal.status().reason()).contains(directory().toString(), "nexus.oauth.journal.size");
        assertThat(journal.unsettled()).hasSameElementsAs(kept);

        List<JournalEntry> settled = List.copyOf(kept.subList(0, kept.size() / 2));
        settled.forEach(entry -> journal.settle(entry.attempt()));
        kept.removeAll(settled);
        assertThat(journal.isWritable()).isTrue();
        for (int i = 0; i < settled.size() / 2; i++) {
            JournalEntry entry = Journals.entry(random, 300);
            Journals.append(journal, entry);
            kept.add(entry);
        }
        journal.close();
        assertThat(open(SMALL).unsettled()).hasSameElementsAs(kept).hasSameSizeAs(kept);
    }

    @Test
    void confirmsOnlyWhatItKeepsOfMoreThanItCanHold() throws Exception {
        SpillJournal journal = open(SMALL);
        List<CompletableFuture<Void>> appended = new ArrayList<>();
        List<JournalEntry> entries = new ArrayList<>();
        disk.hold(() -> start(journal.append(Journals.entry(random, 100))));
        for (int i = 0; i < 400; i++) {
            JournalEntry entry = Journals.entry(random, 500);
            entries.add(entry);
            appended.add(start(journal.append(entry)));
        }
        disk.release();
        CompletableFuture<Void> all = CompletableFuture.allOf(appended.toArray(CompletableFuture[]::new));
        await().until(all::isDone);

        journal.close();

        List<JournalEntry> confirmed = IntStream.range(0, 400)
                .filter(i -> !appended.get(i).isCompletedExceptionally())
                .mapToObj(entries::get)
                .toList();
        assertThat(confirmed).hasSizeBetween(80, 120);
        assertThat(open(4 * SMALL).unsettled()).containsAll(confirmed).hasSize(confirmed.size() + 1);
    }

    /** Appends past the point where it says no, until it cannot. */
    private List<JournalEntry> fill(SpillJournal journal) {
        List<JournalEntry> kept = new ArrayList<>();
        int afterNo = 0;
        while (true) {
            JournalEntry entry = Journals.entry(random, 300);
            boolean writable = journal.isWritable();
            try {
                Journals.append(journal, entry);
            } catch (StorageException e) {
                assertThat(writable).isFalse();
                assertThat(afterNo).isPositive();
                return kept;
            }
            kept.add(entry);
            afterNo += writable ? 0 : 1;
        }
    }

    @Test
    void refusesOneThatIsTooLargeAndGoesOn() throws Exception {
        SpillJournal journal = open(SMALL);

        assertThatThrownBy(() -> Journals.append(journal, Journals.entry(random, (int) SMALL / 8)))
                .isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> Journals.append(journal, Journals.entry(random, 1 << 20)))
                .isInstanceOf(StorageException.class);

        Journals.append(journal, Journals.entry(random, 100));
        assertThat(journal.isWritable()).isTrue();
    }

    @Test
    void saysNoWhileTooManyWaitForTheDisk() throws Exception {
        SpillJournal journal = open(1 << 20);
        disk.hold(() -> start(journal.append(Journals.entry(random, 100))));
        IntStream.range(0, 499).forEach(i -> start(journal.append(Journals.entry(random, 100))));
        assertThat(journal.isWritable()).isTrue();

        start(journal.append(Journals.entry(random, 100)));

        assertThat(journal.isWritable()).isFalse();
        assertThat(journal.status().reason()).contains(directory().toString(), "nexus.oauth.journal.directory");
        disk.release();
        await().until(journal::isWritable);
        assertThat(journal.unsettled()).hasSize(501);
    }

    @Test
    void saysNoWhileTheDiskHangs() throws Exception {
        SpillJournal journal = open(SMALL);
        disk.hold(() -> start(journal.append(Journals.entry(random, 100))));
        assertThat(journal.isWritable()).isTrue();

        await().atMost(Duration.ofSeconds(60)).until(() -> !journal.isWritable());

        disk.release();
        await().until(journal::isWritable);
    }

    @Test
    void ownersLeaveEachOtherAloneUntilOneEnds() throws Exception {
        SpillJournal first = open(SMALL);
        JournalEntry ofFirst = Journals.entry(random, 100);
        Journals.append(first, ofFirst);
        SpillJournal second = open(2 * SMALL);
        JournalEntry ofSecond = Journals.entry(random, 100);
        Journals.append(second, ofSecond);
        int looks = disk.forces.get();
        await().pollDelay(Journals.LOOK.multipliedBy(3)).until(() -> disk.forces.get() >= looks);
        assertThat(first.unsettled()).containsExactly(ofFirst);
        assertThat(second.unsettled()).containsExactly(ofSecond);
        assertThat(Journals.bytes(directory())).isEqualTo(3 * SMALL);

        first.close();

        await().untilAsserted(() -> assertThat(second.unsettled()).containsExactlyInAnyOrder(ofFirst, ofSecond));
        await().untilAsserted(() -> assertThat(Journals.bytes(directory())).isEqualTo(2 * SMALL));
    }

    @Test
    void takesOverNoMoreThanItHasRoomFor() throws Exception {
        SpillJournal large = open(4 * SMALL);
        List<JournalEntry> left = IntStream.range(0, 250)
                .mapToObj(i -> Journals.entry(random, 500))
                .toList();
        left.forEach(entry -> Journals.append(large, entry));
        large.close();

        SpillJournal small = open(SMALL);
        List<JournalEntry> seen = new ArrayList<>();
        while (seen.size() < left.size()) {
            await().until(() -> !small.unsettled().isEmpty());
            Journals.append(small, Journals.entry(random, 100));
            for (JournalEntry entry : small.unsettled()) {
                small.settle(entry.attempt());
                if (left.contains(entry)) {
                    seen.add(entry);
                }
            }
        }

        assertThat(seen).containsExactlyInAnyOrderElementsOf(left);
        await().untilAsserted(() -> assertThat(Journals.bytes(directory())).isEqualTo(SMALL));
    }

    @Test
    void keepsTheFilesOfALaterVersion() throws Exception {
        Path foreign = Files.createDirectories(directory()).resolve(UUID.randomUUID() + "-0.journal");
        JournalEntry known = Journals.entry(random, 100);
        byte[] record = JournalCodec.encode(new JournalRecord.Written(known, 1)).array();
        Files.write(foreign, Foreign.record().array());
        Path readable = directory().resolve(foreign.getFileName().toString().replace("-0.", "-1."));
        Files.write(readable, record);

        SpillJournal journal = open(SMALL);

        assertThat(journal.unsettled()).containsExactly(known);
        assertThat(foreign).exists();
        assertThat(readable).exists();
    }

    @Test
    void isForItsOwnerOnly() throws Exception {
        Journals.append(open(SMALL), Journals.entry(random, 100));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
                .isEqualTo("rwx------");
        assertThat(Journals.files(directory()))
                .hasSize(9)
                .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------"));
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(directory().resolve(JournalDirectoryName.FILE))))
                .isEqualTo("rw-------");
    }

    @Test
    void takesNothingAfterItsEnd() throws Exception {
        SpillJournal journal = Journals.open(directory(), SMALL, Clock.systemUTC(), disk);
        journal.close();

        assertThatThrownBy(() -> Journals.append(journal, Journals.entry(random, 100)))
                .isInstanceOf(StorageException.class);
        assertThat(journal.isWritable()).isFalse();
    }

    @Test
    void printsNoPayload() {
        assertThat(Journals.entry(random, 100).toString())
                .doesNotContain(Journals.MARK)
                .contains("epoch");
    }

    static CompletableFuture<Void> start(Uni<Void> work) {
        return work.subscribeAsCompletionStage();
    }
}
