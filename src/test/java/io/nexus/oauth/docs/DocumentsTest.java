package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The form of all Markdown files: short lines, a short front page, links that lead somewhere, and a map that lists every page. */
class DocumentsTest {

    private static final int LONGEST_LINE = 160;
    private static final int LONGEST_FRONT_PAGE = 200;
    private static final Set<String> NOT_OURS = Set.of("target", ".git", ".idea", "node_modules");
    private static final Path SITE = Path.of("src/site/markdown");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern ANCHOR = Pattern.compile("<a (?:id|name)=\"([^\"]+)\"");
    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern INDENTED = Pattern.compile("\\s+(```shell|<!-- shell).*");

    @Test
    void noLineIsTooLong() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : documents()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                int length = lines.get(i).codePointCount(0, lines.get(i).length());
                if (length > LONGEST_LINE) {
                    found.add(file + ":" + (i + 1) + " has " + length);
                }
            }
        }
        assertThat(found).as("lines of more than %s characters", LONGEST_LINE).isEmpty();
    }

    @Test
    void theFrontPageIsShort() throws IOException {
        assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(LONGEST_FRONT_PAGE);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path file : documents()) {
            for (String link : links(file)) {
                Path target = target(file, link);
                if (!Files.exists(target)) {
                    broken.add(file + " -> " + link);
                } else if (link.contains("#")
                        && target.toString().endsWith(".md")
                        && !anchors(target).contains(link.substring(link.indexOf('#') + 1))) {
                    broken.add(file + " -> " + link + ": no such heading");
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /** A decision record is listed by the index of the records, every other page by the map. */
    @Test
    void theMapListsEveryPage() throws IOException {
        Path map = SITE.resolve("index.md");
        Set<Path> listed = new HashSet<>(Set.of(map));
        for (Path index : List.of(map, SITE.resolve("concepts/decisions/README.md"))) {
            for (String link : links(index)) {
                listed.add(target(index, link));
            }
        }
        try (Stream<Path> pages = Files.walk(SITE)) {
            assertThat(pages.filter(page -> page.toString().endsWith(".md"))).allMatch(listed::contains, "is listed");
        }
    }

    /** The test that executes them looks for marks in the first column. */
    @Test
    void executedBlocksStandInTheFirstColumn() throws IOException {
        for (Path file : documents()) {
            assertThat(Files.readAllLines(file))
                    .as(file.toString())
                    .noneMatch(line -> INDENTED.matcher(line).matches());
        }
    }

    private static List<Path> documents() throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(Path.of(""), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return NOT_OURS.contains(String.valueOf(directory.getFileName()))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".md")) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(found).contains(Path.of("README.md"), SITE.resolve("index.md"));
        return found;
    }

    /** The relative links of {@code file}, outside its code. */
    private static List<String> links(Path file) throws IOException {
        return LINK.matcher(prose(file))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !link.matches("[a-z]+:.*"))
                .toList();
    }

    private static Path target(Path file, String link) {
        String path = link.contains("#") ? link.substring(0, link.indexOf('#')) : link;
        Path folder = file.getParent();
        return path.isEmpty() ? file : (folder == null ? Path.of(path) : folder.resolve(path)).normalize();
    }

    private static Set<String> anchors(Path file) throws IOException {
        String prose = prose(file);
        Set<String> anchors = new HashSet<>();
        HEADING.matcher(prose).results().map(DocumentsTest::anchor).forEach(anchors::add);
        ANCHOR.matcher(prose).results().map(anchor -> anchor.group(1)).forEach(anchors::add);
        return anchors;
    }

    /** As GitHub makes it of a heading. */
    private static String anchor(MatchResult heading) {
        return heading.group(1)
                .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
                .strip()
                .replace(' ', '-');
    }

    private static String prose(Path file) throws IOException {
        return CODE.matcher(Files.readString(file, StandardCharsets.UTF_8)).replaceAll("");
    }
}
