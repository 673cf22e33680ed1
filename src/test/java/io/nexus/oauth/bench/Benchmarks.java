package io.nexus.oauth.bench;

import java.nio.file.Path;
import java.util.Set;

/**
 * Runs the benchmarks of the packaged service.
 *
 * <p>Arguments: the packaged jar, the seconds of each turn, how many credentials are refreshed in a turn, how many are stored in the
 * test of the schedule, and which of {@code reads}, {@code refresh}, {@code scheduler}, {@code catalogue}, {@code journal}, {@code cli} and {@code isolation},
 * separated by commas, or {@code all}.
 */
public final class Benchmarks {

    private Benchmarks() {}

    /** Runs them. */
    public static void main(String[] arguments) throws Exception {
        Path jar = Path.of(arguments[0]);
        int seconds = Integer.parseInt(arguments[1]);
        int credentials = Integer.parseInt(arguments[2]);
        int stored = Integer.parseInt(arguments[3]);
        Set<String> wanted = arguments[4].equals("all")
                ? Set.of("reads", "refresh", "scheduler", "catalogue", "journal", "cli", "isolation")
                : Set.of(arguments[4].split(","));
        if (wanted.contains("reads")) {
            WarmReadBenchmark.run(jar, seconds);
        }
        if (wanted.contains("journal")) {
            JournalBenchmark.main(new String[] {jar.getParent().getParent().toString(), arguments[1]});
        }
        if (wanted.contains("cli")) {
            CliBenchmark.run(
                    jar.getParent().resolveSibling("nexus-cli").resolve("bin").resolve("nexus"));
        }
        if (wanted.contains("isolation")) {
            IsolationBenchmark.run(jar, seconds);
        }
        if (wanted.contains("catalogue")) {
            CatalogueBenchmark.run(jar, seconds);
        }
        if (wanted.contains("refresh") || wanted.contains("scheduler")) {
            RefreshBenchmark.run(
                    jar, seconds, credentials, stored, wanted.contains("refresh"), wanted.contains("scheduler"));
        }
    }
}
