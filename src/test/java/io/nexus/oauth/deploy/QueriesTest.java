package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.docs.Metric;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the rules and the dashboard ask Prometheus for, and what the reference describes, is what the running service exposes. */
@QuarkusTest
class QueriesTest implements RunningSchedule {

    private static final Path DASHBOARD = Chart.DIRECTORY.resolve("files/dashboard.json");
    private static final Pattern SAMPLE = Pattern.compile("^(\\w+)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern SELECTOR =
            Pattern.compile("\\b((?:nexus_oauth|sql_pool|process|jvm|http_server)_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!~|!=|=)\"([^\"]*)\"");
    private static final Pattern BY = Pattern.compile("by \\(([^)]*)\\)");
    private static final Pattern TYPE = Pattern.compile("^# TYPE (\\w+) (\\w+)$");

    /** Labels that the scrape adds. */
    private static final Set<String> OF_THE_SCRAPE = Set.of("namespace", "pod");

    @Inject
    Event<Activity> activity;

    @Inject
    Event<AuditSignal> audit;

    @Inject
    Event<Reading> readings;

    private String scraped = "";
    private Map<String, Set<String>> exposed;

    @BeforeEach
    void makeEverythingHappen() {
        String user = Api.unique("user") + "@example.com";
        new Browser().connect(Api.link(user), "alice@example.com");
        String id = Api.token("sandbox", user).path("credential_id");
        Api.token("sandbox", user);
        Api.admin().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200);
        Api.admin().delete("/api/v1/credentials/" + id).then().statusCode(200);
        // what takes an accident, told as the service tells it
        activity.fire(new Activity.Refresh("sandbox", "due", "misconfigured", "invalid_client", Duration.ofMillis(5)));
        activity.fire(new Activity.Coalesced("sandbox"));
        activity.fire(new Activity.TokenExchange("sandbox", "exchanged"));
        audit.fire(new AuditSignal.Dropped("token_handed_out", 1));
        readings.fire(new Reading.ClientLimits("sandbox", "closed", null, 8, 0));
        await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
            // the next count of the rows takes it back
            readings.fire(new Reading.Connections(
                    List.of(new Reading.Count("sandbox", "active", 1)),
                    List.of(new Reading.Ending("sandbox", "7d", 1))));
            exposed = scrape();
            assertThat(exposed)
                    .containsKeys(
                            "nexus_oauth_connections",
                            "nexus_oauth_grants_ending",
                            "nexus_oauth_refresh_lag_seconds",
                            "nexus_oauth_key_info",
                            "nexus_oauth_ciphertexts");
        });
    }

    private Map<String, Set<String>> scrape() {
        Map<String, Set<String>> found = new TreeMap<>();
        scraped = Api.management().get("/q/metrics").asString();
        scraped.lines().forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            if (!line.startsWith("#") && sample.matches()) {
                Set<String> labels = found.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
                if (sample.group(2) != null) {
                    LABEL.matcher(sample.group(2)).results().forEach(label -> labels.add(label.group(1)));
                }
            }
        });
        return found;
    }

    private static List<String> expressions() throws IOException {
        List<String> all = new ArrayList<>();
        AlertsTest.rules().forEach(rule -> all.add(rule.get("expr").asText()));
        JsonNode board = new ObjectMapper().readTree(DASHBOARD.toFile());
        board.findValuesAsText("expr").forEach(all::add);
        board.at("/templating/list")
                .forEach(variable -> all.add(variable.path("definition").asText("")));
        return all;
    }

    /** The name under which a histogram's parts are known. */
    private static String base(String name) {
        return name.replaceAll("_(bucket|count|sum|max)$", "");
    }

    @Test
    void everyQueryAsksForMetricsAndLabelsThatThereAre() throws IOException {
        assertThat(expressions()).hasSizeGreaterThan(50).allSatisfy(expression -> {
            Set<String> labels = new TreeSet<>(OF_THE_SCRAPE);
            assertThat(SELECTOR.matcher(expression).results().toList()).allSatisfy(selector -> {
                assertThat(exposed).as(expression).containsKey(selector.group(1));
                labels.addAll(exposed.get(selector.group(1)));
                if (selector.group(2) != null) {
                    MATCHER.matcher(selector.group(2))
                            .results()
                            .filter(matcher -> !OF_THE_SCRAPE.contains(matcher.group(1)))
                            .forEach(matcher -> assertThat(exposed.get(selector.group(1)))
                                    .as(expression)
                                    .contains(matcher.group(1)));
                }
            });
            BY.matcher(expression)
                    .results()
                    .forEach(by -> assertThat(labels)
                            .as(expression)
                            .contains(by.group(1).split(", *")));
        });
    }

    @Test
    void everyValueThatAQueryNamesIsDescribed() throws IOException {
        Map<String, Metric> described = Metric.all();
        for (String expression : expressions()) {
            for (var selector : SELECTOR.matcher(expression).results().toList()) {
                Metric metric = described.get(base(selector.group(1)));
                if (metric == null || selector.group(2) == null) {
                    continue;
                }
                MATCHER.matcher(selector.group(2))
                        .results()
                        .filter(matcher -> !matcher.group(3).startsWith("$"))
                        .filter(matcher -> !OF_THE_SCRAPE.contains(matcher.group(1)))
                        .filter(matcher -> !matcher.group(1).equals("le"))
                        .forEach(matcher -> assertThat(matcher.group(3).split("\\|"))
                                .as(expression)
                                .allMatch(value -> metric.describes(matcher.group(1), value)));
            }
        }
    }

    @Test
    void theReferenceIsWhatTheServiceExposes() throws IOException {
        Map<String, Set<String>> own = new TreeMap<>();
        exposed.forEach((name, labels) -> {
            if (name.startsWith("nexus_oauth_")) {
                Set<String> known = own.computeIfAbsent(base(name), ignored -> new TreeSet<>());
                labels.stream().filter(label -> !label.equals("le")).forEach(known::add);
            }
        });
        Map<String, Set<String>> described = new TreeMap<>();
        Metric.all().forEach((name, metric) -> described.put(name, new TreeSet<>(metric.labelNames())));
        assertThat(described).isEqualTo(own);
        assertThat(Metric.all().values()).allSatisfy(metric -> {
            assertThat(metric.text()).isNotBlank();
            assertThat(metric.rise()).isNotBlank();
        });
    }

    @Test
    void everyTypeAndEveryValueThatIsExposedIsDescribed() throws IOException {
        Map<String, Metric> described = Metric.all();
        Map<String, String> types = new TreeMap<>();
        scraped.lines()
                .map(TYPE::matcher)
                .filter(Matcher::matches)
                .forEach(type ->
                        types.put(type.group(1) + (type.group(2).equals("counter") ? "_total" : ""), type.group(2)));
        assertThat(described)
                .allSatisfy(
                        (name, metric) -> assertThat(types.get(name)).as(name).isEqualTo(metric.type()));
        scraped.lines().map(SAMPLE::matcher).filter(Matcher::matches).forEach(sample -> {
            Metric metric = described.get(base(sample.group(1)));
            if (metric != null && sample.group(2) != null) {
                LABEL.matcher(sample.group(2))
                        .results()
                        .filter(label -> !label.group(1).equals("le"))
                        .forEach(label -> assertThat(metric.describes(label.group(1), label.group(2)))
                                .as(sample.group())
                                .isTrue());
            }
        });
    }
}
