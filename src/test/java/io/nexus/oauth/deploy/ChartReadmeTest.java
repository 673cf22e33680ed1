package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The chart's README lists every value with the first line of the comment above it in {@code values.yaml}; the lines after that explain
 * the value to whoever edits the file.
 */
class ChartReadmeTest {

    private static final Path README = Chart.DIRECTORY.resolve("README.md");
    private static final String BEGIN = "<!-- made of values.yaml -->\n";
    private static final int LONGEST_LINE = 160;

    /** A longer default would push the text out of sight. */
    private static final int LONGEST_DEFAULT = 40;

    private static final Pattern LINE = Pattern.compile("( *)(# -- )?([^:#]+)(:.*)?");

    @Test
    void theReadmeListsEveryValue() throws IOException {
        String readme = Files.readString(README);
        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        Generated.check(README, readme.substring(0, begin) + table());
    }

    private static String table() throws IOException {
        JsonNode values =
                Chart.YAML.readTree(Chart.DIRECTORY.resolve("values.yaml").toFile());
        StringBuilder table = new StringBuilder("\n| value | default | |\n|---|---|---|\n");
        List<String> path = new ArrayList<>();
        String comment = null;
        for (String line : Files.readAllLines(Chart.DIRECTORY.resolve("values.yaml"))) {
            Matcher matcher = LINE.matcher(line);
            if (line.strip().startsWith("# -- ")) {
                comment = line.strip().substring(5);
            } else if (matcher.matches()
                    && matcher.group(4) != null
                    && !line.strip().startsWith("-")) {
                path = new ArrayList<>(
                        path.subList(0, Math.min(path.size(), matcher.group(1).length() / 2)));
                path.add(matcher.group(3));
                if (comment != null) {
                    JsonNode value = values.at("/" + String.join("/", path));
                    assertThat(value.isMissingNode()).as(String.join(".", path)).isFalse();
                    String row = "| `%s` | %s | %s |".formatted(String.join(".", path), text(value), comment);
                    assertThat(row).hasSizeLessThanOrEqualTo(LONGEST_LINE);
                    table.append(row).append('\n');
                }
                comment = null;
            }
        }
        return table.toString();
    }

    private static String text(JsonNode value) {
        String text = value.isTextual() ? value.asText() : value.toString();
        if (text.length() > LONGEST_DEFAULT) {
            return "see `values.yaml`";
        }
        return text.isEmpty() ? "" : "`" + text.replace("|", "\\|") + "`";
    }
}
