package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.nexus.oauth.docs.Routes.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The OpenAPI document: resources, records and problem types of the code, with the texts of {@code api.yaml}. It is written into the
 * repository, and the service serves that file.
 */
final class OpenApi {

    /** Where the service finds it. */
    static final Path FILE = Path.of("src/main/resources/META-INF/openapi.yaml");

    private static final Path TEXTS = Path.of("src/test/resources/io/nexus/oauth/docs/api.yaml");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build());

    private OpenApi() {}

    /** The texts of the API. */
    static JsonNode texts() {
        return read(TEXTS);
    }

    /** The YAML file {@code file}. */
    static JsonNode read(Path file) {
        try {
            return YAML.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String yaml(JsonNode document) throws IOException {
        return YAML.writeValueAsString(document);
    }

    /** Adds the header {@code name} to {@code response}. */
    static void header(ObjectNode response, String name) {
        response.withObject("/headers").putObject(name).put("$ref", "#/components/headers/" + name);
    }

    /** The document as the sources say it. */
    static ObjectNode document() {
        JsonNode texts = texts();
        Schemas schemas = new Schemas(texts.path("fields"));
        Problems problems = new Problems(texts);
        ObjectNode document = NODES.objectNode().put("openapi", "3.1.0");
        ObjectNode info = document.putObject("info");
        info.put("title", "Nexus OAuth")
                .put("description", texts.get("text").asText())
                .put("version", "1");
        info.putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
        ObjectNode server = document.putArray("servers").addObject().put("url", "{address}");
        server.put("description", "The service.")
                .putObject("variables")
                .putObject("address")
                .put("default", "http://127.0.0.1:8080")
                .put("description", Markdown.sentence(texts.get("address").asText()));
        texts.get("security")
                .fieldNames()
                .forEachRemaining(
                        scheme -> document.withArray("/security").addObject().putArray(scheme));
        texts.get("groups")
                .properties()
                .forEach(group -> document.withArray("/tags")
                        .addObject()
                        .put("name", group.getKey())
                        .put("description", group.getValue().get("text").asText()));
        document.set("paths", paths(texts, new Operations(texts, schemas, problems)));
        schemas.reference(io.nexus.oauth.api.Problem.class);
        document.set("components", components(texts, schemas, problems));
        return document;
    }

    /** In the order of the texts, which go from what is used most. */
    private static ObjectNode paths(JsonNode texts, Operations operations) {
        Map<String, Route> routes = Routes.all().stream().collect(Collectors.toMap(Route::name, route -> route));
        Set<String> described = new TreeSet<>();
        texts.get("operations").fieldNames().forEachRemaining(described::add);
        assertThat(described).as("operations of api.yaml").isEqualTo(new TreeSet<>(routes.keySet()));
        ObjectNode paths = NODES.objectNode();
        texts.get("operations").fieldNames().forEachRemaining(name -> {
            String[] parts = name.split(" ");
            ObjectNode path = paths.has(parts[1]) ? (ObjectNode) paths.get(parts[1]) : paths.putObject(parts[1]);
            path.set(parts[0].toLowerCase(Locale.ROOT), operations.operation(routes.get(name)));
        });
        return paths;
    }

    private static ObjectNode components(JsonNode texts, Schemas schemas, Problems problems) {
        ObjectNode components = NODES.objectNode();
        ObjectNode records = components.putObject("schemas");
        schemas.all().forEach(records::set);
        ObjectNode type = (ObjectNode) records.at("/Problem/properties/type");
        type.put("format", "uri");
        problems.uris().forEach(uri -> type.withArray("/x-extensible-enum").add(uri));
        ObjectNode shared = components.putObject("responses");
        problems.responses().forEach(shared::set);
        components
                .putObject("parameters")
                .set(
                        "tenant",
                        Operations.parameter(
                                new Routes.Parameter("tenant", "query", String.class),
                                texts.at("/parameters/tenant"),
                                NODES.missingNode()));
        ObjectNode examples = components.putObject("examples");
        texts.get("examples")
                .properties()
                .forEach(each -> examples.putObject(each.getKey())
                        .put("summary", "A `" + each.getKey() + "`")
                        .set("value", each.getValue()));
        examples.setAll(problems.examples());
        ObjectNode headers = components.putObject("headers");
        texts.get("headers")
                .properties()
                .forEach(each -> headers.putObject(each.getKey())
                        .put(
                                "description",
                                Markdown.sentence(each.getValue().get("text").asText()))
                        .set("schema", each.getValue().get("schema")));
        security(components.putObject("securitySchemes"), texts.get("security"));
        return components;
    }

    private static void security(ObjectNode schemes, JsonNode texts) {
        Map<String, Map<String, String>> kinds = new HashMap<>();
        kinds.put("bearer", Map.of("type", "http", "scheme", "bearer", "bearerFormat", "JWT"));
        kinds.put("api_key", Map.of("type", "apiKey", "in", "header", "name", "X-API-Key"));
        kinds.put("mutual_tls", Map.of("type", "mutualTLS"));
        texts.properties().forEach(each -> {
            ObjectNode scheme = schemes.putObject(each.getKey());
            List.of("type", "scheme", "bearerFormat", "in", "name").forEach(key -> {
                String value = kinds.get(each.getKey()).get(key);
                if (value != null) {
                    scheme.put(key, value);
                }
            });
            scheme.put("description", Markdown.sentence(each.getValue().asText()));
        });
    }
}
