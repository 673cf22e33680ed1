package io.nexus.oauth.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a client of one OpenAPI document loses with the next one. */
final class BreakingChanges {

    /** What can be left out of a document without a loss for this comparison. */
    private static final Set<String> TEXTS = Set.of("description", "summary", "example", "examples", "tags", "info");

    private static final Pattern FAILURE = Pattern.compile("[45][0-9]{2}");

    private static final List<String> LOWEST = List.of("minimum", "minLength", "minItems", "minProperties");
    private static final List<String> HIGHEST = List.of("maximum", "maxLength", "maxItems", "maxProperties");

    private final JsonNode before;
    private final JsonNode after;
    private final List<String> found = new ArrayList<>();
    private final Set<String> compared = new HashSet<>();

    private enum Direction {
        /** The caller sends it: the service must take what it took. */
        SENT,
        /** The service sends it: the caller must find what it found. */
        RECEIVED
    }

    private BreakingChanges(JsonNode before, JsonNode after) {
        this.before = before;
        this.after = after;
    }

    /** One line for each breaking change; empty when there is none. */
    static List<String> between(JsonNode before, JsonNode after) {
        BreakingChanges changes = new BreakingChanges(before, after);
        changes.compare();
        return List.copyOf(changes.found);
    }

    /** {@code document} without its texts, and without the problems of each operation. */
    static JsonNode withoutTexts(JsonNode document) {
        if (document instanceof ObjectNode object) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            object.properties().forEach(each -> {
                // a field of a record can have the name of a text
                boolean text = TEXTS.contains(each.getKey()) && !each.getValue().has("type");
                if (!text && !FAILURE.matcher(each.getKey()).matches()) {
                    copy.set(each.getKey(), withoutTexts(each.getValue()));
                }
            });
            return copy;
        }
        return document.isArray()
                ? document.valueStream()
                        .map(BreakingChanges::withoutTexts)
                        .collect(
                                JsonNodeFactory.instance::arrayNode,
                                (all, each) -> all.add(each),
                                (a, b) -> a.addAll(b))
                : document;
    }

    private void compare() {
        missing("security scheme", before.at("/components/securitySchemes"), after.at("/components/securitySchemes"));
        before.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(each -> operation(
                                each.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey(),
                                each.getValue(),
                                after.path("paths").path(path.getKey()).path(each.getKey()))));
    }

    private void operation(String name, JsonNode old, JsonNode now) {
        if (now.isMissingNode()) {
            found.add(name + " is gone");
            return;
        }
        if (!old.path("operationId").equals(now.path("operationId"))) {
            found.add(name + " has another operationId");
        }
        Set<String> roles = texts(old.path("x-roles"));
        roles.removeAll(texts(now.path("x-roles")));
        roles.forEach(role -> found.add(name + " no longer admits the role " + role));
        parameters(name, parameters(before, old), parameters(after, now));
        body(name + ": body", old.path("requestBody"), now.path("requestBody"));
        old.path("responses").properties().stream()
                .filter(each -> each.getKey().startsWith("2") || each.getKey().startsWith("3"))
                .forEach(each -> response(
                        name + ": " + each.getKey(),
                        each.getValue(),
                        now.path("responses").path(each.getKey())));
        schema(name + ": problem", reference("Problem"), reference("Problem"), Direction.RECEIVED);
    }

    private static JsonNode reference(String schema) {
        return JsonNodeFactory.instance.objectNode().put("$ref", "#/components/schemas/" + schema);
    }

    private static Map<String, JsonNode> parameters(JsonNode document, JsonNode operation) {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        operation.path("parameters").forEach(each -> {
            JsonNode whole = whole(document, each);
            all.put(whole.get("in").asText() + " " + whole.get("name").asText(), whole);
        });
        return all;
    }

    private void parameters(String name, Map<String, JsonNode> old, Map<String, JsonNode> now) {
        old.forEach((parameter, schema) -> {
            if (now.containsKey(parameter)) {
                schema(
                        name + ": " + parameter,
                        schema.path("schema"),
                        now.get(parameter).path("schema"),
                        Direction.SENT);
            } else {
                found.add(name + ": " + parameter + " is gone");
            }
        });
        now.forEach((parameter, schema) -> {
            boolean was = old.containsKey(parameter) && isRequired(old.get(parameter));
            if (isRequired(schema) && !was) {
                found.add(name + ": " + parameter + " is required now");
            }
        });
    }

    private void body(String name, JsonNode old, JsonNode now) {
        if (isRequired(now) && !isRequired(old)) {
            found.add(name + " is required now");
        }
        content(name, old.path("content"), now.path("content"), Direction.SENT);
    }

    private void response(String name, JsonNode old, JsonNode now) {
        if (now.isMissingNode()) {
            found.add(name + " is gone");
            return;
        }
        missing(name + " header", old.path("headers"), now.path("headers"));
        content(name, old.path("content"), now.path("content"), Direction.RECEIVED);
    }

    private void content(String name, JsonNode old, JsonNode now, Direction direction) {
        missing(name, old, now);
        old.properties().stream()
                .filter(media -> now.has(media.getKey()))
                .forEach(media -> schema(
                        name,
                        media.getValue().path("schema"),
                        now.get(media.getKey()).path("schema"),
                        direction));
    }

    private void missing(String name, JsonNode old, JsonNode now) {
        old.fieldNames().forEachRemaining(each -> {
            if (!now.has(each)) {
                found.add(name + " " + each + " is gone");
            }
        });
    }

    private void schema(String place, JsonNode old, JsonNode now, Direction direction) {
        if (old.has("$ref")
                && !compared.add(
                        direction + old.get("$ref").asText() + now.path("$ref").asText())) {
            return;
        }
        JsonNode was = whole(before, old);
        JsonNode is = whole(after, now);
        boolean sent = direction == Direction.SENT;
        Set<String> types = texts(sent ? is.path("type") : was.path("type"));
        if (!types.isEmpty() && !types.containsAll(texts(sent ? was.path("type") : is.path("type")))
                || is.isMissingNode() && !was.isMissingNode()) {
            found.add(place + " has another type");
        }
        if (!was.path("format").equals(is.path("format")) && !(sent && !is.has("format"))) {
            found.add(place + " has another format");
        }
        if (sent) {
            bounds(place, was, is);
        }
        fields(place, was, is, direction);
        for (String part : List.of("items", "additionalProperties", "contentSchema")) {
            if (was.path(part).isObject()) {
                schema(place + "/*", was.get(part), is.path(part), direction);
            }
        }
        for (int at = 0; at < was.path("oneOf").size(); at++) {
            schema(place, was.get("oneOf").get(at), is.path("oneOf").path(at), direction);
        }
    }

    private void fields(String place, JsonNode was, JsonNode is, Direction direction) {
        was.path("properties").properties().forEach(field -> {
            String name = place + "/" + field.getKey();
            JsonNode now = is.path("properties").path(field.getKey());
            if (now.isMissingNode()) {
                found.add(name + " is gone");
            } else {
                schema(name, field.getValue(), now, direction);
            }
        });
        boolean sent = direction == Direction.SENT;
        Set<String> required = texts((sent ? is : was).path("required"));
        required.removeAll(texts((sent ? was : is).path("required")));
        required.stream()
                .filter(name -> sent || is.path("properties").has(name))
                .forEach(name -> found.add(place + "/" + name + (sent ? " is required now" : " can be missing now")));
    }

    private void bounds(String place, JsonNode was, JsonNode is) {
        LOWEST.stream()
                .filter(bound -> is.has(bound)
                        && (!was.has(bound)
                                || is.get(bound).asLong() > was.get(bound).asLong()))
                .forEach(bound -> found.add(place + " has a narrower " + bound));
        HIGHEST.stream()
                .filter(bound -> is.has(bound)
                        && (!was.has(bound)
                                || is.get(bound).asLong() < was.get(bound).asLong()))
                .forEach(bound -> found.add(place + " has a narrower " + bound));
        if (is.has("pattern") && !is.get("pattern").equals(was.path("pattern"))) {
            found.add(place + " has another pattern");
        }
        if (is.has("enum") && (!was.has("enum") || !texts(is.get("enum")).containsAll(texts(was.get("enum"))))) {
            found.add(place + " takes fewer values");
        }
    }

    private static boolean isRequired(JsonNode node) {
        return node.path("required").asBoolean();
    }

    private static JsonNode whole(JsonNode document, JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }

    /** The texts of an array, or one text. */
    private static Set<String> texts(JsonNode node) {
        return node.isTextual()
                ? Set.of(node.asText())
                : node.valueStream().map(JsonNode::asText).collect(Collectors.toCollection(HashSet::new));
    }
}
