package io.nexus.oauth.store.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.JournalEntry;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal's bytes, whole and broken. Every random input names its seed when it fails. */
class JournalReaderTest {

    @TempDir
    Path directory;

    @Test
    void readsBackWhatWasWritten() {
        for (long seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            JournalRecord.Written written =
                    new JournalRecord.Written(Journals.entry(random, random.nextInt(5000)), random.nextLong());
            JournalRecord.Settled settled = new JournalRecord.Settled(Journals.uuid(random), random.nextLong());

            assertThat(decoded(written)).as("seed %d", seed).isEqualTo(written);
            assertThat(decoded(settled)).as("seed %d", seed).isEqualTo(settled);
        }
    }

    private static JournalRecord decoded(JournalRecord record) {
        ByteBuffer bytes = JournalCodec.encode(record);
        int length = JournalCodec.bodyAt(bytes, 0);
        assertThat(length).isEqualTo(bytes.remaining() - JournalCodec.HEADER);
        return JournalCodec.decode(bytes.slice(JournalCodec.HEADER, length));
    }

    @Test
    void refusesAnAnswerThatNoReaderWouldTake() {
        JournalEntry large = Journals.entry(new Random(1), JournalCodec.MAX_BODY);

        assertThatThrownBy(() -> JournalCodec.encode(new JournalRecord.Written(large, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(Journals.MARK);
    }

    @Test
    void findsWhatIsNotSettledWhereverTheTombstoneIs() {
        List<JournalRecord> records = entries(new Random(2), 3);
        byte[] bytes = concat(
                JournalCodec.encode(new JournalRecord.Settled(records.get(2).attempt(), 5))
                        .array(),
                bytes(records),
                JournalCodec.encode(new JournalRecord.Settled(records.get(0).attempt(), 5))
                        .array());

        assertThat(read(bytes).unsettled())
                .extracting(JournalRecord::attempt)
                .containsExactly(records.get(1).attempt());
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void findsAllBeforeTheEndOfACutFile(long seed) {
        List<JournalRecord> records = entries(new Random(seed), 5);
        byte[] whole = bytes(records);
        for (int cut = 0; cut <= whole.length; cut++) {
            int complete = 0;
            for (int end = 0; complete < 5; complete++) {
                end += JournalCodec.encode(records.get(complete)).remaining();
                if (end > cut) {
                    break;
                }
            }
            byte[] zeroTail = Arrays.copyOf(Arrays.copyOf(whole, cut), whole.length);

            assertThat(found(Arrays.copyOf(whole, cut)))
                    .as("seed %d, cut at %d", seed, cut)
                    .isEqualTo(records.subList(0, complete));
            // the cut-off rest of a record may have been zeros already
            assertThat(found(zeroTail))
                    .as("seed %d, zeros from %d", seed, cut)
                    .startsWith(records.subList(0, complete).toArray(JournalRecord[]::new))
                    .isSubsetOf(records);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void losesNothingButTheRecordInWhichABitFlipped(long seed) {
        List<JournalRecord> records = entries(new Random(seed), 4);
        byte[] bytes = bytes(records);
        int end = 0;
        for (int damaged = 0; damaged < 4; damaged++) {
            List<JournalRecord> others = new ArrayList<>(records);
            others.remove(damaged);
            int begin = end;
            end += JournalCodec.encode(records.get(damaged)).remaining();
            for (int bit = begin * 8; bit < end * 8; bit++) {
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                JournalReader reader = read(bytes);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);

                assertThat(List.<JournalRecord>copyOf(reader.unsettled()))
                        .as("seed %d, bit %d", seed, bit)
                        .isEqualTo(others);
                assertThat(reader.damaged()).as("seed %d, bit %d", seed, bit).isPositive();
            }
        }
    }

    @Test
    void findsEveryRecordBetweenGarbage() {
        for (long seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            List<JournalRecord> records = entries(random, 6);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (JournalRecord record : records) {
                bytes.writeBytes(garbage(random, record));
                bytes.writeBytes(JournalCodec.encode(record).array());
            }
            bytes.writeBytes(garbage(random, records.getFirst()));

            assertThat(found(bytes.toByteArray())).as("seed %d", seed).isEqualTo(records);
        }
    }

    /** Noise, zeros, the beginning of a record, a header that promises much, or all kinds of magic. */
    private static byte[] garbage(Random random, JournalRecord record) {
        byte[] noise = new byte[random.nextInt(200)];
        byte[] real = JournalCodec.encode(record).array();
        switch (random.nextInt(5)) {
            case 0 -> random.nextBytes(noise);
            case 1 -> noise = Arrays.copyOf(real, random.nextInt(real.length));
            case 2 -> {
                int length = random.nextInt();
                noise = ByteBuffer.allocate(24)
                        .put(real, 0, 4)
                        .putInt(length)
                        .putInt(random.nextBoolean() ? ~length : length)
                        .array();
            }
            case 3 -> {
                for (int i = 0; i < noise.length; i++) {
                    noise[i] = real[i % 4];
                }
            }
            default -> {}
        }
        return noise;
    }

    @Test
    void survivesAnything() {
        Random seeds = new Random(31);
        byte[] real = bytes(entries(seeds, 20));
        long slowest = 0;
        for (int i = 0; i < 20_000; i++) {
            long seed = seeds.nextLong();
            Random random = new Random(seed);
            byte[] bytes = i % 2 == 0 ? new byte[random.nextInt(2000)] : real.clone();
            if (i % 2 == 0) {
                random.nextBytes(bytes);
            } else {
                for (int flips = random.nextInt(50); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            long began = processorTime();
            try {
                List<JournalRecord> found = found(bytes);
                assertThat(found).as("seed %d", seed).isSubsetOf(found(real));
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
            slowest = Math.max(slowest, processorTime() - began);
        }
        assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(1));
    }

    /** Nanoseconds that this thread has computed: what the machine does beside it is not the reader's. */
    private static long processorTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Test
    void isNotFooledByAHeaderRepeatedOverAWholeFile() throws Exception {
        byte[] real = JournalCodec.encode(entries(new Random(3), 1).getFirst()).array();
        ByteBuffer header = ByteBuffer.wrap(real.clone(), 0, 12)
                .putInt(4, JournalCodec.MAX_BODY)
                .putInt(8, 0);
        byte[] bytes = new byte[4 << 20];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = header.get(i % 12);
        }
        long began = processorTime();

        assertThat(found(bytes)).isEmpty();
        assertThat(Duration.ofNanos(processorTime() - began)).isLessThan(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {41, 42, 43})
    void readsAFileThatIsLargerThanItsWindow(long seed) throws Exception {
        Random random = new Random(seed);
        List<JournalRecord> records = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (bytes.size() < 6 * JournalCodec.MAX_RECORD) {
            JournalRecord record = new JournalRecord.Written(
                    Journals.entry(random, random.nextInt(JournalCodec.MAX_BODY - 200)), random.nextLong());
            records.add(record);
            bytes.writeBytes(new byte[random.nextInt(50_000)]);
            bytes.writeBytes(JournalCodec.encode(record).array());
            bytes.writeBytes(garbage(random, record));
        }
        Path file = Files.write(directory.resolve("large"), bytes.toByteArray());
        JournalReader reader = new JournalReader();

        reader.read(file);

        assertThat(List.<JournalRecord>copyOf(reader.unsettled()))
                .as("seed %d", seed)
                .isEqualTo(records);
    }

    @Test
    void tellsARecordOfALaterVersionFromADamagedOne() {
        ByteBuffer later = Foreign.record();
        byte[] known = bytes(entries(new Random(5), 1));

        JournalReader reader = read(concat(later.array(), known));

        assertThat(reader.foreign()).isEqualTo(1);
        assertThat(reader.damaged()).isZero();
        assertThat(reader.unsettled()).hasSize(1);
    }

    private static List<JournalRecord> entries(Random random, int count) {
        List<JournalRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new JournalRecord.Written(Journals.entry(random, random.nextInt(100)), random.nextLong()));
        }
        return records;
    }

    private static byte[] bytes(List<JournalRecord> records) {
        return concat(records.stream().map(r -> JournalCodec.encode(r).array()).toArray(byte[][]::new));
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static JournalReader read(byte[] bytes) {
        JournalReader reader = new JournalReader();
        reader.scan(ByteBuffer.wrap(bytes), true);
        return reader;
    }

    private static List<JournalRecord> found(byte[] bytes) {
        return List.copyOf(read(bytes).unsettled());
    }
}
