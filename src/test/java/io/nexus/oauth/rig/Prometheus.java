package io.nexus.oauth.rig;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.testing.LocalPorts;
import io.nexus.oauth.testing.Signals;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Prometheus that scrapes replicas every second and evaluates rules as often. */
final class Prometheus implements AutoCloseable {

    /** A range, or how long a rule has to hold. */
    private static final Pattern DURATION = Pattern.compile("(\\[|for: )(\\d+)([smhd])");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final int port = LocalPorts.free();
    private final Process process;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Prometheus(Path program, Path directory, List<Balancer.Server> targets, String rules)
            throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>(List.of(
                "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}",
                "rule_files: [rules.yaml]",
                "scrape_configs:",
                "  - job_name: nexus-oauth",
                "    metrics_path: /q/metrics",
                "    static_configs:"));
        for (Balancer.Server each : targets) {
            lines.add("      - {targets: ['127.0.0.1:" + each.management() + "'], labels: {namespace: drill, pod: "
                    + each.name() + "}}");
        }
        Path file = Files.write(directory.resolve("prometheus.yaml"), lines);
        Files.writeString(directory.resolve("rules.yaml"), rules);
        process = Signals.start(new ProcessBuilder(
                        program.toString(),
                        "--config.file=" + file,
                        "--storage.tsdb.path=" + directory.resolve("series"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("prometheus.log").toFile()));
        Signals.await("Prometheus answers", Duration.ofSeconds(60), this::answers);
    }

    /** {@code rules} with every range and every {@code for} divided by {@code divisor}; thresholds stay as they are. */
    static String shorten(String rules, int divisor) {
        return DURATION.matcher(rules)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group(1) + millis(Long.parseLong(found.group(2)), found.group(3)) / divisor + "ms"));
    }

    private static long millis(long number, String unit) {
        return TimeUnit.SECONDS.toMillis(number
                * switch (unit) {
                    case "s" -> 1;
                    case "m" -> 60;
                    case "h" -> 3_600;
                    default -> 86_400;
                });
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("Prometheus ended");
        }
        try {
            return get("/-/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** The result of an expression now: a list of series. */
    JsonNode query(String expression) throws IOException {
        return data("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .get("result");
    }

    /** The values that {@code label} has in the series of {@code metric}. */
    JsonNode labelValues(String metric, String label) throws IOException {
        return data(
                "/api/v1/label/" + label + "/values?match%5B%5D=" + URLEncoder.encode(metric, StandardCharsets.UTF_8));
    }

    /** The rules that were evaluated without a fault, and those that were not. */
    Map<Boolean, List<String>> rules() throws IOException {
        List<String> good = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        for (JsonNode group : data("/api/v1/rules").get("groups")) {
            for (JsonNode rule : group.get("rules")) {
                (rule.get("health").asText().equals("ok") ? good : broken).add(rule.toString());
            }
        }
        return Map.of(true, good, false, broken);
    }

    /** How many replicas answer the scrapes. */
    int scraped() throws IOException {
        return query("up == 1").size();
    }

    /** The alerts that fire now, with their provider or pod. */
    Set<String> firing() throws IOException {
        return names(query("ALERTS{alertstate=\"firing\"}"));
    }

    /** The alerts that fired at any time within the last {@code ms} milliseconds. */
    Set<String> fired(long ms) throws IOException {
        return names(query("count_over_time(ALERTS{alertstate=\"firing\"}[" + ms + "ms])"));
    }

    private static Set<String> names(JsonNode series) {
        Set<String> names = new TreeSet<>();
        series.forEach(each -> {
            JsonNode labels = each.get("metric");
            String of = labels.path("provider").asText("") + labels.path("pod").asText("");
            names.add((labels.get("alertname").asText() + " " + of).strip());
        });
        return names;
    }

    private JsonNode data(String path) throws IOException {
        HttpResponse<String> answer = get(path);
        JsonNode body = JSON.readTree(answer.body());
        if (!body.path("status").asText().equals("success")) {
            throw new IOException(path + ": " + answer.body());
        }
        return body.get("data");
    }

    private HttpResponse<String> get(String path) throws IOException {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
