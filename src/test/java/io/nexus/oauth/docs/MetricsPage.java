package io.nexus.oauth.docs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code metrics.md}: the meters of {@code metrics.yaml}. A place is a group of it. */
final class MetricsPage implements Page {

    @Override
    public String name() {
        return "metrics";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        Map<String, String> parts = new LinkedHashMap<>();
        Metric.groups()
                .forEach((group, metrics) -> parts.put(
                        group,
                        metrics.entrySet().stream()
                                .map(metric -> entry(metric.getKey(), metric.getValue()))
                                .collect(Collectors.joining("\n\n"))));
        return parts;
    }

    private static String entry(String name, Metric metric) {
        String facts = metric.type()
                + (metric.labels().isEmpty()
                        ? ""
                        : " · labels " + Markdown.codes(metric.labels().keySet()));
        String labels = metric.labels().entrySet().stream()
                .map(label -> Markdown.item(Markdown.code(label.getKey()) + ": " + values(label.getValue())))
                .collect(Collectors.joining("\n"));
        return "### `%s`%n%n%s%n%n%s%s%n%n%s"
                .formatted(
                        name,
                        facts,
                        Markdown.wrapped(metric.text()),
                        labels.isEmpty() ? "" : "\n\n" + labels,
                        Markdown.wrapped("**A rise:** " + metric.rise()));
    }

    private static String values(JsonNode values) {
        return values.isTextual()
                ? values.asText()
                : values.properties().stream()
                        .map(value -> Markdown.code(value.getKey()) + " ("
                                + value.getValue().asText() + ")")
                        .collect(Collectors.joining(", "));
    }
}
