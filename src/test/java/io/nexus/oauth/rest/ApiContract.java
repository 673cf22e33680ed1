package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The OpenAPI document as a judge of requests and answers. It is stricter than a client may be: an answer must not have a field or a
 * value that the document does not name.
 */
final class ApiContract {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    /** Headers that not every answer has, although its response names them. */
    private static final Set<String> SOMETIMES = Set.of("ETag", "Retry-After");

    private final ObjectNode document;
    private final List<Operation> operations;
    private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

    ApiContract(ObjectNode document) {
        this.document = document.deepCopy();
        close(this.document);
        this.operations = operations(this.document);
    }

    /** The operations of {@code document}. One with a template in its path comes after those with a name in its place. */
    static List<Operation> operations(ObjectNode document) {
        List<Operation> found = new ArrayList<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(each -> found.add(new Operation(each.getKey(), path.getKey(), each.getValue()))));
        found.sort(Comparator.comparing(Operation::path)); // a brace comes after letters
        return found;
    }

    /** The document that the service under test serves. */
    static ObjectNode document() {
        try (InputStream file = ApiContract.class.getResourceAsStream("/META-INF/openapi.yaml")) {
            return (ObjectNode) new YAMLMapper().readTree(Objects.requireNonNull(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An operation of the document. */
    record Operation(String method, String path, JsonNode node) {

        String id() {
            return node.get("operationId").asText();
        }

        boolean serves(String requested, String at) {
            return method.equalsIgnoreCase(requested)
                    && at.matches(Stream.of(path.split("(?=\\{)|(?<=})"))
                            .map(part -> part.startsWith("{") ? "[^/]+" : Pattern.quote(part))
                            .reduce("", String::concat));
        }
    }

    /** An answer: media type without parameters, header by its name or null. */
    record Answer(int status, String mediaType, String body, UnaryOperator<String> header) {}

    Optional<Operation> operation(String method, String path) {
        return operations.stream().filter(each -> each.serves(method, path)).findFirst();
    }

    /** What the document does not allow in the answer; empty when it fits. */
    List<String> faults(Operation operation, Answer answer) {
        JsonNode response = whole(operation.node().path("responses").path(String.valueOf(answer.status())));
        if (response.isMissingNode()) {
            return List.of("there is no response with the status " + answer.status());
        }
        List<String> faults = new ArrayList<>();
        response.path("headers").fieldNames().forEachRemaining(name -> {
            if (!SOMETIMES.contains(name) && answer.header().apply(name) == null) {
                faults.add("the header " + name + " is missing");
            }
        });
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            return answer.body().isEmpty() ? faults : with(faults, "there is a body");
        }
        JsonNode media = content.path(answer.mediaType());
        if (media.isMissingNode()) {
            return with(faults, "there is no media type " + answer.mediaType());
        }
        if (media.at("/schema/type").asText().equals("string")) {
            JsonNode line = media.at("/schema/contentSchema");
            answer.body()
                    .lines()
                    .filter(text -> !line.isMissingNode())
                    .forEach(text -> faults.addAll(faults(line, text)));
            return faults;
        }
        faults.addAll(faults(media.get("schema"), answer.body()));
        return answer.status() < 400 ? faults : with(faults, problem(media, answer.body()));
    }

    /** What the document does not allow in a request that the service accepted; empty when it fits. */
    List<String> faults(Operation operation, Map<String, String> query, String body) {
        List<String> faults = new ArrayList<>();
        Map<String, JsonNode> known = new ConcurrentHashMap<>();
        operation.node().get("parameters").forEach(each -> {
            JsonNode parameter = whole(each);
            if (parameter.get("in").asText().equals("query")) {
                known.put(parameter.get("name").asText(), parameter);
            }
        });
        query.forEach((name, value) -> {
            if (!known.containsKey(name)) {
                faults.add("there is no parameter " + name);
            } else if (!value.isEmpty()) {
                JsonNode schema = known.get(name).get("schema");
                boolean text = schema.get("type").asText().equals("string");
                faults.addAll(faults(schema, text ? TextNode.valueOf(value).toString() : value));
            }
        });
        known.forEach((name, parameter) -> {
            if (parameter.path("required").asBoolean() && !query.containsKey(name)) {
                faults.add("the parameter " + name + " is missing");
            }
        });
        JsonNode schema = operation.node().at("/requestBody/content/application~1json/schema");
        if (!schema.isMissingNode() && !body.isEmpty()) {
            faults.addAll(faults(schema, withoutNulls(body)));
        }
        return faults;
    }

    private List<String> faults(JsonNode schema, String text) {
        try {
            return compiled(schema).validate(JSON.readTree(text)).stream()
                    .map(error -> error.getInstanceLocation() + " " + error.getMessage())
                    .toList();
        } catch (JsonProcessingException e) {
            return List.of("the body is not JSON");
        }
    }

    private Schema compiled(JsonNode schema) {
        return schemas.computeIfAbsent(schema, part -> {
            ObjectNode whole = JSON.createObjectNode();
            whole.putArray("allOf").add(part);
            whole.set("components", document.get("components"));
            return REGISTRY.getSchema(whole);
        });
    }

    /** A fault when the problem is of a type that this response does not list; empty otherwise. */
    private static String problem(JsonNode media, String body) {
        try {
            String slug = JSON.readTree(body).path("type").asText().replaceFirst("^urn:nexus-oauth:problem:", "");
            return media.path("examples").has(slug) ? "" : "there is no problem " + slug;
        } catch (JsonProcessingException e) {
            return "the body is not JSON";
        }
    }

    private static List<String> with(List<String> faults, String fault) {
        return fault.isEmpty()
                ? faults
                : Stream.concat(faults.stream(), Stream.of(fault)).toList();
    }

    /** A field that is null counts as absent. */
    private static String withoutNulls(String body) {
        try {
            JsonNode sent = JSON.readTree(body);
            if (sent instanceof ObjectNode object) {
                object.properties().removeIf(each -> each.getValue().isNull());
            }
            return sent.toString();
        } catch (JsonProcessingException e) {
            return body;
        }
    }

    private JsonNode whole(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }

    /** Closes each object against further fields, and each field against further values. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object) {
            if (object.has("properties") && object.path("type").asText().equals("object")) {
                object.put("additionalProperties", false);
            }
            if (object.path("x-extensible-enum") instanceof ArrayNode values) {
                ArrayNode all = object.putArray("enum").addAll(values);
                if (object.get("type").toString().toLowerCase(Locale.ROOT).contains("null")) {
                    all.addNull();
                }
            }
        }
        node.forEach(ApiContract::close);
    }
}
