package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SECURITY.md lists everything that somebody outside can make larger, with its bound and with the tests that fill it. */
class BoundsTest {

    private static final Path TESTS = Path.of("src/test/java");
    private static final Pattern SECTION = Pattern.compile("(?s)\n## Bounds\n(.*?)\n## ");
    private static final Pattern TABLE = Pattern.compile("(?m)^\\| what \\|.*\n\\|[-|]+\n((?:\\|.*\n)+)");
    private static final Pattern TEST = Pattern.compile("`(\\w+)(?:\\.(\\w+))?`");

    private final List<List<String>> tables = tables();

    @Test
    void eachBoundHasTests() {
        assertThat(tables).hasSize(2);
        List<String> bounds =
                tables.getFirst().stream().map(row -> cell(row, 1)).toList();
        List<String> tested = tables.getLast().stream().map(row -> cell(row, 1)).toList();

        assertThat(bounds).hasSizeGreaterThan(30).doesNotHaveDuplicates();
        assertThat(tested).containsExactlyElementsOf(bounds);
    }

    @Test
    void eachTestExists() throws IOException {
        List<String> missing = new ArrayList<>();
        for (String row : tables.getLast()) {
            List<MatchResult> named = TEST.matcher(cell(row, 2)).results().toList();
            if (named.isEmpty()) {
                missing.add(row);
            }
            for (MatchResult each : named) {
                if (!exists(each.group(1), Optional.ofNullable(each.group(2)))) {
                    missing.add(each.group());
                }
            }
        }
        assertThat(missing)
                .as("rows without a test, and tests that do not exist")
                .isEmpty();
    }

    private static boolean exists(String type, Optional<String> method) throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            Optional<Path> found =
                    files.filter(file -> file.endsWith(type + ".java")).findFirst();
            if (found.isEmpty()) {
                return false;
            }
            String text = Files.readString(found.get());
            return text.contains("@Test")
                    && method.map(name -> text.contains("void " + name + "(")).orElse(true);
        }
    }

    private static List<List<String>> tables() {
        String section = SECTION.matcher(Documents.all().get(Path.of("SECURITY.md")))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        return TABLE.matcher(section)
                .results()
                .map(table -> table.group(1).lines().toList())
                .toList();
    }

    private static String cell(String row, int number) {
        return row.split("\\|")[number].strip();
    }
}
