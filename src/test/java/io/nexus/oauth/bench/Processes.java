package io.nexus.oauth.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the machine tells of processes. Linux: elsewhere the figures are 0. */
final class Processes {

    private static final double TICKS = 100; // USER_HZ, the same on every architecture that Java runs on

    private Processes() {}

    /** Megabytes in memory. */
    static long rss(ProcessHandle process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                                .filter(line -> line.startsWith("VmRSS"))
                                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                                .sum()
                        / 1024
                : 0;
    }

    /** Seconds of processor time of a process, of its children and of those that have ended. */
    static double cpu(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .mapToDouble(each -> {
                    try {
                        String stat = Files.readString(Path.of("/proc", Long.toString(each.pid()), "stat"));
                        String[] words =
                                stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                        return Stream.of(11, 12, 13, 14)
                                        .mapToLong(i -> Long.parseLong(words[i]))
                                        .sum()
                                / TICKS;
                    } catch (IOException e) {
                        return 0; // it has ended: its parent has its time
                    }
                })
                .sum();
    }

    /** Starts a JVM like this one. */
    static ProcessBuilder java(List<String> arguments) {
        return new ProcessBuilder(Stream.concat(
                        Stream.of(Path.of(System.getProperty("java.home"), "bin", "java")
                                .toString()),
                        arguments.stream())
                .toList());
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
