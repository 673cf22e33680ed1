package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rules for all Markdown of the repository. CONTRIBUTING says them in words. */
class MarkdownTest {

    private static final int WIDEST = 160;
    private static final int LONGEST_README = 200;
    private static final Path README = Path.of("README.md");
    private static final Path TUTORIALS = Path.of("src/site/markdown/tutorial");

    /** Hosts of package registries, and paths that only the machine of a writer has. Names of examples are fine. */
    private static final Pattern FORBIDDEN = Pattern.compile(
            "\\b(?:repo\\d*|registry|artifactory|deb|mirrors?|pypi)\\.(?!example\\b|[a-z0-9-]+\\.example\\b)[a-z0-9-]+\\.[a-z]{2,}"
                    + "|(?<![\\w/.~$}-])/(?:root|work|Users)/"
                    + "|(?<![\\w/.~$}-])/home/(?!you\\b)"
                    + "|\\.\\./shared\\b");

    private final Map<Path, String> documents = Documents.all();

    @Test
    void noLineIsTooLong() {
        List<String> found = new ArrayList<>();
        documents.forEach((file, text) -> {
            List<String> lines = text.lines().toList();
            for (int at = 0; at < lines.size(); at++) {
                if (lines.get(at).length() > WIDEST) {
                    found.add(file + ":" + (at + 1) + " has " + lines.get(at).length() + " characters");
                }
            }
        });
        assertThat(found).as("lines of more than %d characters", WIDEST).isEmpty();
    }

    @Test
    void theFrontPageIsOnePage() {
        assertThat(documents.get(README).lines().count())
                .as("lines of the README")
                .isLessThanOrEqualTo(LONGEST_README);
    }

    @Test
    void everyLinkLeadsSomewhere() {
        List<String> broken = new ArrayList<>();
        List<String> all = new ArrayList<>();
        documents.forEach((file, text) -> {
            Links links = new Links(file, text, documents);
            all.addAll(links.relative());
            broken.addAll(links.broken());
        });
        assertThat(all).hasSizeGreaterThan(200);
        assertThat(broken).as("links to files or headings that are not there").isEmpty();
    }

    @Test
    void nothingOfAWritersMachineIsNamed() {
        List<String> found = new ArrayList<>();
        documents.forEach((file, text) ->
                FORBIDDEN.matcher(text).results().forEach(match -> found.add(file + ": " + match.group())));
        assertThat(found).as("hosts of registries and paths of a machine").isEmpty();
    }

    @Test
    void whatLooksExecutableInTheReadmeAndTheTutorialsIsExecuted() {
        List<String> found = new ArrayList<>();
        documents.forEach((file, text) -> {
            if (file.equals(README) || file.startsWith(TUTORIALS)) {
                Fences.of(text).stream()
                        .filter(block -> List.of("", "sh", "bash", "zsh").contains(block.language())
                                || (block.language().equals("shell") && block.indented()))
                        .forEach(block -> found.add(file + ":" + block.line() + " " + block.language()));
            }
        });
        assertThat(found)
                .as("blocks are shell (executed, from the first column on), console (shown), or another language")
                .isEmpty();
    }
}
