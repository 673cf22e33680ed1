package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code api.md}: the operations of the OpenAPI document with the texts of {@code api.yaml}, and the records of the wire. */
final class ApiPage implements Page {

    private static final Path TEXTS = Path.of("src/test/resources/io/nexus/oauth/docs/api.yaml");
    private static final Pattern SCHEMA = Pattern.compile("\"\\$ref\" ?: ?\"#/components/schemas/(Page)?(\\w+)\"");

    private static final Pattern LINKED = Pattern.compile("\\[`(\\w+)`]");

    private final JsonNode document;
    private final JsonNode texts;
    private final Set<String> usedParameters = new TreeSet<>();
    private final Set<String> usedOperations = new TreeSet<>();
    private final Set<String> records = new TreeSet<>(Set.of("Problem"));

    /** For the OpenAPI document {@code document}. */
    ApiPage(JsonNode document) throws IOException {
        this.document = document;
        this.texts = new ObjectMapper(new YAMLFactory()).readTree(TEXTS.toFile());
    }

    @Override
    public String name() {
        return "api";
    }

    @Override
    public Map<String, String> parts(List<String> places) {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        texts.get("groups").fieldNames().forEachRemaining(group -> groups.put(group, new ArrayList<>()));
        // in the order of the texts, which go from what is used most
        texts.get("operations").fieldNames().forEachRemaining(name -> {
            JsonNode operation = document.at("/paths")
                    .path(name.replaceFirst("^\\w+ ", ""))
                    .path(name.replaceFirst(" .*", "").toLowerCase(Locale.ROOT));
            assertThat(operation.isMissingNode())
                    .as("api.yaml: %s is not in the OpenAPI document", name)
                    .isFalse();
            groups.get(operation.at("/tags/0").asText()).add(operation(name, operation));
        });
        check();
        String operations = groups.entrySet().stream()
                .map(group -> "## " + texts.at("/groups").get(group.getKey()).asText() + "\n\n"
                        + String.join("\n\n", group.getValue()))
                .collect(Collectors.joining("\n\n"));
        String index = texts.get("groups").properties().stream()
                .map(group -> "[%s](#%s)"
                        .formatted(
                                group.getValue().asText(), slug(group.getValue().asText())))
                .collect(Collectors.joining(" · "));
        return Map.of(
                "operations", operations,
                "records", new RecordText(records).all(),
                "index", Markdown.wrapped("Contents: " + index + " · [Objects](#objects)"));
    }

    private void check() {
        Set<String> present = new TreeSet<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(
                                method -> present.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(usedOperations).as("operations of api.yaml").isEqualTo(present);
        Set<String> described = new TreeSet<>();
        texts.get("parameters").fieldNames().forEachRemaining(described::add);
        assertThat(described).as("parameters of api.yaml").isEqualTo(usedParameters);
    }

    private String operation(String name, JsonNode operation) {
        usedOperations.add(name);
        JsonNode text = texts.get("operations").get(name);
        List<String> roles = new ArrayList<>();
        operation.at("/security/0").elements().next().forEach(role -> roles.add(role.asText()));
        String role = (roles.size() == 1 ? "role " : "one of the roles ")
                + Markdown.codes(roles)
                + (text.path("reach").asBoolean() ? ", for every tenant" : "");
        List<String> items = new ArrayList<>();
        List<String> order = List.copyOf(texts.get("parameters").properties()).stream()
                .map(Map.Entry::getKey)
                .toList();
        operation
                .path("parameters")
                .valueStream()
                .sorted(Comparator.comparing(
                        each -> order.indexOf(each.get("name").asText())))
                .forEach(each -> items.add(parameter(text, each)));
        records(operation.path("requestBody")).forEach(record -> items.add("- Body: " + link(record)));
        items.add(Markdown.item("Answer: " + answer(text, operation)));
        return "### " + name + "\n\n" + role + "\n\n"
                + Markdown.wrapped(text.get("text").asText()) + "\n\n" + String.join("\n", items);
    }

    private String parameter(JsonNode text, JsonNode parameter) {
        String name = parameter.get("name").asText();
        JsonNode own = text.path("parameters").path(name);
        JsonNode common = texts.get("parameters").path(name);
        assertThat(common.isMissingNode())
                .as("api.yaml has no text for the parameter %s", name)
                .isFalse();
        usedParameters.add(name);
        String place = switch (parameter.get("in").asText()) {
            case "path" -> "Path";
            case "header" -> "Header";
            default -> "Query";
        };
        return Markdown.item(place + " " + Markdown.code(name) + ": " + (own.isMissingNode() ? common : own).asText());
    }

    private String answer(JsonNode text, JsonNode operation) {
        List<String> found = records(operation.path("responses"));
        if (text.has("answer")) {
            LINKED.matcher(text.get("answer").asText()).results().forEach(each -> records.add(each.group(1)));
            return text.get("answer").asText();
        }
        assertThat(found).as("records of the answer to " + text).hasSize(1);
        boolean page = operation.path("responses").toString().contains("schemas/Page");
        String other =
                operation.path("responses").has("304") ? "; 304 without a body when the caller has this token" : "";
        return "200 with " + (page ? "a [`Page`](#page) of " : "") + link(found.getFirst()) + other;
    }

    private List<String> records(JsonNode node) {
        List<String> found = SCHEMA.matcher(node.toString())
                .results()
                .map(match -> match.group(2))
                .distinct()
                .toList();
        records.addAll(found);
        if (node.toString().contains("schemas/Page")) {
            records.add("Page");
        }
        return found;
    }

    private static String link(String record) {
        return "[`%s`](#%s)".formatted(record, record.toLowerCase(Locale.ROOT));
    }

    private static String slug(String title) {
        return title.toLowerCase(Locale.ROOT).replace(' ', '-');
    }
}
