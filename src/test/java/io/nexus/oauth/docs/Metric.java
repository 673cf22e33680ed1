package io.nexus.oauth.docs;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A meter of the service as {@code metrics.yaml} describes it.
 *
 * @param type its type in the scrape
 * @param text what it is
 * @param labels its labels: a map of values, or a text when the values are not a fixed set
 * @param rise what a rise means
 */
public record Metric(String type, String text, @Nullable Map<String, JsonNode> labels, String rise) {

    private static final Path SOURCE = Path.of("src/test/resources/io/nexus/oauth/docs/metrics.yaml");

    /** No labels are an empty map. */
    public Metric {
        labels = labels == null ? Map.of() : labels;
    }

    /** The names of its labels. */
    public Set<String> labelNames() {
        return labels().keySet();
    }

    @Override
    public Map<String, JsonNode> labels() {
        return labels == null ? Map.of() : labels;
    }

    /** Whether {@code value} of the label {@code label} is described. Every value is, where the values are not a fixed set. */
    public boolean describes(String label, String value) {
        JsonNode values = labels().get(label);
        return values != null && (values.isTextual() || values.has(value));
    }

    /** All meters by name, in groups. */
    static Map<String, Map<String, Metric>> groups() throws IOException {
        return new ObjectMapper(new YAMLFactory())
                .readValue(SOURCE.toFile(), new TypeReference<LinkedHashMap<String, Map<String, Metric>>>() {});
    }

    /** All meters by name. */
    public static Map<String, Metric> all() throws IOException {
        Map<String, Metric> all = new LinkedHashMap<>();
        groups().values().forEach(all::putAll);
        return all;
    }
}
