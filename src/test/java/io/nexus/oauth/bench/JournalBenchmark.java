package io.nexus.oauth.bench;

import io.nexus.oauth.store.journal.JournalLoad;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * How long an append to the journal takes until it is on the disk, beside what the disk takes for a bare write and force of the same
 * size. The ratio is the figure: disks differ.
 *
 * <p>Arguments: a directory on the disk to measure, and the seconds of each turn.
 */
public final class JournalBenchmark {

    private static final int PAYLOAD = 2048;
    private static final int WARM_UPS = 1;
    private static final int TURNS = 3;

    private JournalBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        Path home = Files.createTempDirectory(Path.of(arguments[0]), "journal-bench");
        Duration time = Duration.ofSeconds(Long.parseLong(arguments[1]));
        try {
            System.out.printf("%-24s %12s %10s %10s %10s%n", "2 KiB", "appends/s", "p50 ms", "p99 ms", "max ms");
            for (int turn = -WARM_UPS; turn < TURNS; turn++) {
                print(turn, "bare write and force", bare(home.resolve("bare"), time), time);
                for (int appenders : new int[] {1, 32}) {
                    long[] nanos = JournalLoad.run(home.resolve("journal"), appenders, PAYLOAD, time);
                    print(turn, "journal, " + appenders + " appenders", nanos, time);
                }
            }
        } finally {
            try (Stream<Path> files = Files.walk(home)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static long[] bare(Path path, Duration time) throws Exception {
        int size = 32 << 20;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(size), 0);
            file.force(true);
            long[] nanos = new long[1 << 20];
            int count = 0;
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                long began = System.nanoTime();
                file.write(ByteBuffer.allocate(PAYLOAD), (long) count * PAYLOAD % size);
                file.force(false);
                nanos[count++] = System.nanoTime() - began;
            }
            long[] all = Arrays.copyOf(nanos, count);
            Arrays.sort(all);
            return all;
        }
    }

    private static void print(int turn, String name, long[] nanos, Duration time) {
        if (turn >= 0) {
            System.out.printf(
                    "%-24s %12.0f %10.2f %10.2f %10.2f%n",
                    name,
                    nanos.length / (double) time.toSeconds(),
                    nanos[nanos.length / 2] / 1e6,
                    nanos[nanos.length * 99 / 100] / 1e6,
                    nanos[nanos.length - 1] / 1e6);
        }
    }
}
