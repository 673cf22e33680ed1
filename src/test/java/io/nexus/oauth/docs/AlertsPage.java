package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** {@code alerts.md}: the rules of the chart. A place is a group of rules, without its prefix. */
final class AlertsPage implements Page {

    private static final Path RULES = Path.of("deploy/helm/nexus-oauth/files/alerts.yaml");
    private static final Path RUNBOOKS = Path.of("deploy/runbooks");

    @Override
    public String name() {
        return "alerts";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        Map<String, String> parts = new LinkedHashMap<>();
        for (JsonNode group :
                new ObjectMapper(new YAMLFactory()).readTree(RULES.toFile()).get("groups")) {
            parts.put(
                    group.get("name").asText().replaceFirst("^nexus-oauth\\.", ""),
                    StreamSupport.stream(group.get("rules").spliterator(), false)
                            .map(AlertsPage::entry)
                            .collect(Collectors.joining("\n\n")));
        }
        return parts;
    }

    private static String entry(JsonNode rule) {
        String name = rule.get("alert").asText();
        String runbook = name.toLowerCase(Locale.ROOT) + ".md";
        assertThat(Files.exists(RUNBOOKS.resolve(runbook))).as(runbook).isTrue();
        return "### %s%n%n%s · after %s · [runbook](../../../../deploy/runbooks/%s)%n%n%s%n%n%s"
                .formatted(
                        name,
                        rule.at("/labels/severity").asText(),
                        rule.path("for").asText("0s"),
                        runbook,
                        Markdown.wrapped("**" + text(rule.at("/annotations/summary")) + "**"),
                        Markdown.wrapped(text(rule.at("/annotations/description"))));
    }

    /** What Prometheus fills in is shown by its name. */
    private static String text(JsonNode annotation) {
        return annotation
                .asText()
                .replaceAll("\\{\\{ *\\$labels\\.(\\w+) *}}", "‹$1›")
                .replaceAll("\\{\\{ *\\$value[^}]*}}", "‹value›");
    }
}
