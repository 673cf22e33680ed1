package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert rules: what they say, their runbooks, and promtool's verdict on them. */
class AlertsTest {

    static final Path RULES = Chart.DIRECTORY.resolve("files/alerts.yaml");
    private static final Path RUNBOOKS = Path.of("deploy/runbooks");
    private static final Pattern METRIC = Pattern.compile("\\b(?:nexus_oauth|sql_pool)_\\w+");
    private static final Pattern LABEL = Pattern.compile("\\$labels\\.(\\w+)");

    static List<JsonNode> rules() throws IOException {
        return Chart.YAML.readTree(RULES.toFile()).findParents("alert");
    }

    @Test
    void promtoolTestsEveryRule() throws Exception {
        assertThat(Tool.run("promtool", "check", "rules", RULES.toString())).contains("SUCCESS");
        assertThat(Tool.run("promtool", "test", "rules", "deploy/alerts/tests.yaml"))
                .contains("SUCCESS");
        String tests = Files.readString(Path.of("deploy/alerts/tests.yaml"));
        assertThat(rules())
                .allSatisfy(rule -> assertThat(tests)
                        .contains("ALERTS{alertname=\"" + rule.get("alert").asText() + "\",alertstate=\"firing\""));
    }

    /** Each release has its rules: what rings for all namespaces rings twice, and the dead one is not missed. */
    @Test
    void aReleaseRingsForItsOwnNamespaceAlone(@TempDir Path directory) throws Exception {
        Map<String, Object> object = Chart.of(
                        "PrometheusRule",
                        Chart.copyTo(directory.resolve("nexus-oauth"))
                                .objects(Chart.REQUIRED, "metrics: {prometheusRule: {enabled: true}}"))
                .getFirst();
        Path rules = directory.resolve("rules.yaml");
        Chart.YAML.writeValue(rules.toFile(), Chart.at(object, "/spec"));
        List<String> own = Chart.YAML.readTree(rules.toFile()).findValuesAsText("expr");
        assertThat(own)
                .allSatisfy(expression -> assertThat(METRIC.split(expression))
                        .hasSizeGreaterThan(1)
                        .satisfies(parts -> assertThat(List.of(parts).subList(1, parts.length))
                                .allMatch(part -> part.startsWith("{namespace=\"nexus\""))));
        assertThat(own.stream()
                        .map(each -> each.replace("{namespace=\"nexus\"}", "").replace("{namespace=\"nexus\",", "{")))
                .containsExactlyElementsOf(
                        rules().stream().map(rule -> rule.get("expr").asText()).toList());
        Files.writeString(directory.resolve("tests.yaml"), """
                rule_files: [rules.yaml]
                tests:
                  - interval: 1m
                    input_series:
                      - {series: 'nexus_oauth_scheduler_last_tick_age_seconds{namespace="other",pod="a"}', values: '3x10'}
                      - {series: 'nexus_oauth_database_up{namespace="other",pod="a"}', values: '0x10'}
                    promql_expr_test:
                      - expr: ALERTS{alertstate="firing"}
                        eval_time: 5m
                        exp_samples:
                          - {labels: 'ALERTS{alertname="NexusOAuthDown",alertstate="firing",namespace="nexus",severity="critical"}', value: 1}
                """);
        assertThat(Tool.run(
                        "promtool",
                        "test",
                        "rules",
                        directory.resolve("tests.yaml").toString()))
                .contains("SUCCESS");
    }

    @Test
    void everyRuleSaysWhatItIsAndWhatToDo() throws IOException {
        assertThat(rules()).isNotEmpty().allSatisfy(rule -> {
            String name = rule.get("alert").asText();
            assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
            assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
            assertThat(rule.at("/annotations/description").asText()).isNotBlank();
            String url = rule.at("/annotations/runbook_url").asText();
            assertThat(url).endsWith("/deploy/runbooks/" + name.toLowerCase() + ".md");
            String runbook = Files.readString(RUNBOOKS.resolve(name.toLowerCase() + ".md"));
            // the page shows the rule as it is
            assertThat(runbook).contains("# " + name, rule.get("expr").asText().strip(), "## What to do");
            assertThat(runbook)
                    .contains("Severity: " + rule.at("/labels/severity").asText());
        });
    }

    @Test
    void everyRunbookHasItsRule() throws IOException {
        Set<String> names = rules().stream()
                .map(rule -> rule.get("alert").asText().toLowerCase() + ".md")
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.list(RUNBOOKS)) {
            assertThat(files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
                    .isEqualTo(names);
        }
    }

    @Test
    void aTextNamesOnlyLabelsThatItsExpressionKeeps() throws IOException {
        assertThat(rules()).allSatisfy(rule -> {
            String texts = rule.get("annotations").toString();
            Set<String> named =
                    LABEL.matcher(texts).results().map(found -> found.group(1)).collect(Collectors.toSet());
            Set<String> kept = Pattern.compile("by \\(([^)]*)\\)")
                    .matcher(rule.get("expr").asText())
                    .results()
                    .flatMap(found -> Stream.of(found.group(1).split(", *")))
                    .collect(Collectors.toSet());
            assertThat(kept).as(rule.get("alert").asText()).containsAll(named);
        });
    }

    @Test
    void theDashboardBeginsWithTheServiceLevel() throws IOException {
        JsonNode panels = new ObjectMapper()
                .readTree(Chart.DIRECTORY.resolve("files/dashboard.json").toFile())
                .get("panels");
        assertThat(panels.get(0).get("type").asText()).isEqualTo("row");
        assertThat(panels.get(0).get("title").asText()).isEqualTo("Service level");
        assertThat(panels).extracting(panel -> panel.get("id").asInt()).doesNotHaveDuplicates();
    }
}
