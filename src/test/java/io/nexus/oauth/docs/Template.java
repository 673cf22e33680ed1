package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Joins the template of a page with its generated parts, and compares the result with the page in the repository. */
final class Template {

    private static final Path TEMPLATES = Path.of("src/test/resources/io/nexus/oauth/docs");
    private static final Path REFERENCE = Path.of("src/site/markdown/reference");
    private static final Pattern PLACE = Pattern.compile("(?m)^\\{\\{([^}]+)}}$");
    static final String WRITE = "./mvnw test -Dtest='io.nexus.oauth.docs.*Test' -Dnexus.docs=write";

    private Template() {}

    /** The text of the template of {@code name}. */
    static String text(String name) throws IOException {
        return Files.readString(TEMPLATES.resolve(name + ".template"));
    }

    /** Fails when the page in the repository is not what its sources say; with {@code -Dnexus.docs=write} writes the page instead. */
    static void check(Page page) throws IOException {
        check(REFERENCE.resolve(page.name() + ".md"), render(page));
    }

    /** As {@link #check(Page)}, for the {@code content} of any generated file. */
    static void check(Path file, String content) throws IOException {
        if ("write".equals(System.getProperty("nexus.docs"))) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        }
        String present = Files.exists(file) ? Files.readString(file) : "";
        assertThat(present)
                .as("%s differs from its sources. This command writes the reference again: %s", file, WRITE)
                .isEqualTo(content);
    }

    private static String render(Page page) throws IOException {
        String template = text(page.name());
        List<String> places =
                PLACE.matcher(template).results().map(place -> place.group(1)).toList();
        Map<String, String> parts = page.parts(places);
        assertThat(parts.keySet()).as("places of %s.template", page.name()).containsExactlyInAnyOrderElementsOf(places);
        String filled = PLACE.matcher(template)
                .replaceAll(place -> java.util.regex.Matcher.quoteReplacement(
                        parts.get(place.group(1)).strip()));
        return "<!-- Generated. Edit the sources or src/test/resources/io/nexus/oauth/docs/%s.template, then run:%n     %s -->%n%n%s"
                .formatted(page.name(), WRITE, filled);
    }
}
