package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Problem types as examples and responses of the OpenAPI document. */
final class Problems {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String PREFIX = "urn:nexus-oauth:problem:";
    private static final Set<String> LATER = Set.of("429", "503");

    private final Map<String, Enums.Constant> types = new LinkedHashMap<>();
    private final JsonNode texts;
    private final Map<String, ObjectNode> responses = new TreeMap<>();

    /** With the sets and the examples of {@code texts}. */
    Problems(JsonNode texts) {
        this.texts = texts;
        Enums.of(Sources.main().type("ProblemType"))
                .forEach(type -> types.put(type.name().toLowerCase(Locale.ROOT).replace('_', '-'), type));
    }

    /** The types as URIs. */
    List<String> uris() {
        return types.keySet().stream().map(PREFIX::concat).toList();
    }

    /** The responses that operations share, by their names. */
    Map<String, ObjectNode> responses() {
        return responses;
    }

    /** An example of each type that an operation can answer with, by the name of the type. */
    ObjectNode examples() {
        ObjectNode examples = NODES.objectNode();
        types.forEach((slug, type) -> {
            ObjectNode value = NODES.objectNode();
            value.put("type", PREFIX + slug)
                    .put("title", type.arguments().get(1))
                    .put("status", Integer.parseInt(type.arguments().get(0)))
                    .put("detail", type.arguments().get(1));
            texts.path("problems").path(slug).properties().forEach(each -> value.set(each.getKey(), each.getValue()));
            examples.putObject(slug)
                    .put("summary", type.arguments().get(1))
                    .put("description", type.text())
                    .set("value", value);
        });
        // no operation answers with it
        examples.remove("method-not-allowed");
        texts.path("problems")
                .fieldNames()
                .forEachRemaining(slug -> assertThat(types).containsKey(slug));
        return examples;
    }

    /** The responses with the problem types {@code names}, which may be names of sets, by their status. */
    Map<String, ObjectNode> responses(Set<String> names) {
        Map<String, Set<String>> found = new TreeMap<>();
        flat(names)
                .forEach(slug -> found.computeIfAbsent(
                                types.get(slug).arguments().getFirst(), status -> new TreeSet<>())
                        .add(slug));
        Map<String, ObjectNode> answers = new TreeMap<>();
        found.forEach((status, slugs) -> answers.put(status, response(status, slugs)));
        return answers;
    }

    private Set<String> flat(Set<String> names) {
        Set<String> flat = new LinkedHashSet<>();
        names.forEach(name -> {
            JsonNode set = texts.path("problem-groups").path(name);
            if (set.isMissingNode()) {
                assertThat(types).as("problem types").containsKey(name);
                flat.add(name);
            } else {
                flat.addAll(flat(set.valueStream().map(JsonNode::asText).collect(Collectors.toSet())));
            }
        });
        return flat;
    }

    private ObjectNode response(String status, Set<String> slugs) {
        String name = slugs.size() == 1 ? slugs.iterator().next() : set(slugs);
        ObjectNode response = content(status, slugs);
        if (name.isEmpty()) {
            return response;
        }
        responses.put(name, response);
        return NODES.objectNode().put("$ref", "#/components/responses/" + name);
    }

    private String set(Set<String> slugs) {
        List<String> names = new ArrayList<>();
        texts.path("problem-groups").fieldNames().forEachRemaining(names::add);
        return names.stream()
                .filter(name -> flat(Set.of(name)).equals(slugs))
                .findFirst()
                .orElse("");
    }

    private ObjectNode content(String status, Set<String> slugs) {
        ObjectNode response = NODES.objectNode();
        response.put(
                "description",
                slugs.size() == 1
                        ? types.get(slugs.iterator().next()).text()
                        : "One of the problems " + Markdown.codes(slugs) + ".");
        if (LATER.contains(status)) {
            OpenApi.header(response, "Retry-After");
        } else if (status.equals("401")) {
            OpenApi.header(response, "WWW-Authenticate");
        }
        ObjectNode content = response.putObject("content").putObject("application/problem+json");
        content.putObject("schema").put("$ref", "#/components/schemas/Problem");
        ObjectNode examples = content.putObject("examples");
        slugs.forEach(slug -> examples.putObject(slug).put("$ref", "#/components/examples/" + slug));
        return response;
    }
}
