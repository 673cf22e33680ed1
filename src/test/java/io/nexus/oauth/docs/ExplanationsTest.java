package io.nexus.oauth.docs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code nexus oauth explain} says what the pages of problem types and codes say. */
class ExplanationsTest {

    private static final Path FILE = Path.of("src/main/resources/io/nexus/oauth/cli/explanations.txt");

    /** The group of a code: the sentences above its list in the template. */
    private static final Pattern GROUP =
            Pattern.compile("### ([^\\n]+)\\n+((?:[^\\n{#][^\\n]*\\n+)*)\\{\\{codes:(\\w+)}}");

    @Test
    void explanationsAreThoseOfTheReference() throws IOException {
        Template.check(FILE, Stream.concat(problems(), codes()).collect(Collectors.joining("\n", "", "\n")));
    }

    private static Stream<String> problems() {
        return Enums.of(Sources.main().type("ProblemType")).stream()
                .map(type -> String.join(
                        "\t",
                        ProblemsPage.slug(type),
                        "HTTP " + type.arguments().get(0) + ": "
                                + type.arguments().get(1),
                        plain(type.text())));
    }

    private static Stream<String> codes() throws IOException {
        Map<String, Map<String, String>> codes = StatusesPage.codes();
        List<String> lines = GROUP.matcher(Template.text("statuses"))
                .results()
                .flatMap(group -> codes.get(group.group(3)).entrySet().stream()
                        .map(code -> String.join(
                                "\t",
                                code.getKey(),
                                plain(group.group(1) + ". " + group.group(2)),
                                plain(Markdown.sentence(code.getValue())))))
                .toList();
        org.assertj.core.api.Assertions.assertThat(lines)
                .hasSize(codes.values().stream().mapToInt(Map::size).sum());
        return lines.stream();
    }

    private static String plain(String markdown) {
        return markdown.replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .replace("`", "")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
