package io.nexus.oauth.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Prints what the tests reach, package by package, from the report of the build. */
public final class CoverageTable {

    private CoverageTable() {}

    /** Takes the path of JaCoCo's CSV report. */
    public static void main(String[] arguments) throws IOException {
        Path report = Path.of(arguments[0]);
        if (!Files.exists(report)) {
            System.out.println("no coverage: no test ran");
            return;
        }
        List<String> lines = Files.readAllLines(report);
        Map<String, long[]> packages = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",");
            long[] sums = packages.computeIfAbsent(cells[1], ignored -> new long[4]);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += Long.parseLong(cells[5 + i]); // branches missed, covered, lines missed, covered
            }
        }
        System.out.printf("%n%-28s %10s %10s%n", "coverage", "lines", "branches");
        packages.forEach((name, sums) -> System.out.printf(
                "%-28s %9.1f%% %9.1f%%%n", name, percent(sums[3], sums[2]), percent(sums[1], sums[0])));
        System.out.println();
    }

    private static double percent(long covered, long missed) {
        return covered + missed == 0 ? 100 : 100.0 * covered / (covered + missed);
    }
}
