package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code api.md}: the operations of the OpenAPI document with the texts of {@code api.yaml}, and the records of the wire. */
final class ApiPage implements Page {

    private static final Pattern SCHEMA = Pattern.compile("\"#/components/schemas/(PageOf)?(\\w+)\"");

    private final JsonNode document = OpenApi.document();
    private final JsonNode texts = OpenApi.texts();
    private final Set<String> usedParameters = new TreeSet<>(Set.of("tenant"));
    private final Set<String> everywhere = everywhere();
    private final Set<String> records = new TreeSet<>(Set.of("Problem"));

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
                .map(group -> "## " + title(group.getKey()) + "\n\n" + String.join("\n\n", group.getValue()))
                .collect(Collectors.joining("\n\n"));
        String index = groups.keySet().stream()
                .map(this::title)
                .map(title -> "[%s](#%s)".formatted(title, slug(title)))
                .collect(Collectors.joining(" · "));
        return Map.of(
                "operations",
                operations,
                "records",
                new RecordText(records).all(),
                "problems",
                Markdown.item("Every operation can answer with " + linked(everywhere)) + "\n"
                        + Markdown.item("An operation with a body can also answer with " + linked(ofBodies())),
                "index",
                Markdown.wrapped("Contents: " + index + " · [Objects](#objects)"));
    }

    private void check() {
        Set<String> described = new TreeSet<>();
        texts.get("parameters").fieldNames().forEachRemaining(described::add);
        assertThat(described).as("parameters of api.yaml").isEqualTo(usedParameters);
    }

    private String operation(String name, JsonNode operation) {
        JsonNode text = texts.get("operations").get(name);
        List<String> roles = new ArrayList<>();
        operation.get("x-roles").forEach(role -> roles.add(role.asText()));
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
                .filter(each -> each.has("name"))
                .sorted(Comparator.comparing(
                        each -> order.indexOf(each.get("name").asText())))
                .forEach(each -> items.add(parameter(text, each)));
        records(operation.path("requestBody")).forEach(record -> items.add("- Body: " + link(record)));
        items.add(Markdown.item("Answer: " + answer(text, operation)));
        Set<String> own = problems(operation);
        own.removeAll(everywhere);
        own.removeAll(ofBodies());
        if (!own.isEmpty()) {
            items.add(Markdown.item("Problems: " + linked(own)));
        }
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
        return Markdown.item(place + " " + Markdown.code(name) + ": "
                + (own.has("text") ? own : common).get("text").asText());
    }

    private String answer(JsonNode text, JsonNode operation) {
        return operation.get("responses").properties().stream()
                .filter(each -> isAnswer(each.getKey()))
                .map(each -> each.getKey() + answer(text, each.getKey(), each.getValue()))
                .collect(Collectors.joining("; "));
    }

    private String answer(JsonNode text, String status, JsonNode response) {
        String record =
                records(response).stream().map(ApiPage::link).findFirst().orElse("");
        String more = text.at("/answers/" + status).path("text").asText();
        String kind = text.at("/answers/" + status).has("lines")
                ? "lines of "
                : isPage(response) ? "a [`Page`](#page) of " : "";
        return (record.isEmpty() ? "" : " with " + kind + record) + (more.isEmpty() ? "" : ": " + more);
    }

    /** The problem types that every operation can answer with. */
    private Set<String> everywhere() {
        return document.get("paths")
                .valueStream()
                .flatMap(JsonNode::valueStream)
                .map(this::problems)
                .reduce((some, more) -> {
                    some.retainAll(more);
                    return some;
                })
                .orElseThrow();
    }

    private Set<String> ofBodies() {
        Set<String> found = new LinkedHashSet<>();
        texts.at("/problem-groups/body").forEach(each -> found.add(each.asText()));
        return found;
    }

    private Set<String> problems(JsonNode operation) {
        Set<String> found = new LinkedHashSet<>();
        operation.get("responses").properties().stream()
                .filter(each -> !isAnswer(each.getKey()))
                .map(Map.Entry::getValue)
                .map(each ->
                        each.has("$ref") ? document.at(each.get("$ref").asText().substring(1)) : each)
                .forEach(each -> each.at("/content/application~1problem+json/examples")
                        .fieldNames()
                        .forEachRemaining(found::add));
        return found;
    }

    private static String linked(Set<String> problems) {
        return problems.stream().map("[`%1$s`](problems.md#%1$s)"::formatted).collect(Collectors.joining(" · "));
    }

    private static boolean isAnswer(String status) {
        return status.startsWith("2") || status.startsWith("3");
    }

    private String title(String group) {
        return texts.at("/groups").path(group).path("title").asText();
    }

    private static boolean isPage(JsonNode node) {
        return node.toString().contains("schemas/PageOf");
    }

    private List<String> records(JsonNode node) {
        List<String> found = SCHEMA.matcher(node.toString())
                .results()
                .map(match -> match.group(2))
                .distinct()
                .toList();
        records.addAll(found);
        if (isPage(node)) {
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
