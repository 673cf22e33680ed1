package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.docs.Routes.Parameter;
import io.nexus.oauth.docs.Routes.Route;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Operations of the OpenAPI document. */
final class Operations {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String JSON = "application/json";
    private static final Pattern LINK = Pattern.compile("\\[([^]]+)]\\([^)]+\\)");
    private static final Pattern SENTENCE = Pattern.compile("^(?:`[^`]*`|[^`:.]|[.:](?! |$))+");

    private final JsonNode texts;
    private final Schemas schemas;
    private final Problems problems;

    Operations(JsonNode texts, Schemas schemas, Problems problems) {
        this.texts = texts;
        this.schemas = schemas;
        this.problems = problems;
    }

    /** {@code text} without links: they lead from the reference page to its neighbours. */
    static String plain(String text) {
        return LINK.matcher(text).replaceAll("$1");
    }

    ObjectNode operation(Route route) {
        JsonNode text = texts.path("operations").path(route.name());
        assertThat(text.isMissingNode())
                .as("api.yaml has no text for " + route.name())
                .isFalse();
        ObjectNode operation = NODES.objectNode();
        operation.putArray("tags").add(text.path("tag").asText());
        operation.put("operationId", text.path("id").asText());
        operation.put("summary", summary(text.path("text").asText()));
        operation.put("description", plain(text.path("text").asText()) + "\n\n" + roles(route, text));
        ArrayNode roles = operation.putArray("x-roles");
        route.roles().forEach(roles::add);
        ArrayNode parameters = operation.putArray("parameters");
        route.parameters().forEach(each -> parameters.add(parameter(text, each)));
        parameters.addObject().put("$ref", "#/components/parameters/tenant");
        Class<?> body = route.body();
        if (body != null) {
            ObjectNode content = NODES.objectNode();
            content.set("schema", schemas.reference(body));
            example(content, body.getSimpleName());
            ObjectNode sent = operation.putObject("requestBody");
            sent.put("description", Records.text(Records.wire(body.getSimpleName())));
            sent.put("required", !text.path("body").asText().equals("optional"));
            sent.putObject("content").set(JSON, content);
        }
        operation.set("responses", responses(route, text));
        return operation;
    }

    private static String summary(String text) {
        var sentence = SENTENCE.matcher(text);
        assertThat(sentence.find()).as(text).isTrue();
        return sentence.group();
    }

    private static String roles(Route route, JsonNode text) {
        List<String> roles = route.roles();
        return (roles.size() == 1 ? "Needs the role " : "Needs one of the roles ")
                + Markdown.codes(roles)
                + (text.path("reach").asBoolean() ? ", for every tenant." : ".");
    }

    private ObjectNode parameter(JsonNode text, Parameter parameter) {
        JsonNode common = texts.path("parameters").path(parameter.name());
        JsonNode own = text.path("parameters").path(parameter.name());
        return parameter(parameter, common, own);
    }

    /** A parameter with the text {@code common}, or what {@code own} has instead. */
    static ObjectNode parameter(Parameter parameter, JsonNode common, JsonNode own) {
        assertThat(common.isMissingNode())
                .as("api.yaml has no text for the parameter %s", parameter.name())
                .isFalse();
        String text = (own.has("text") ? own : common).get("text").asText();
        ObjectNode node = NODES.objectNode().put("name", parameter.name()).put("in", parameter.in());
        node.put("description", Markdown.sentence(plain(text)));
        node.put(
                "required",
                parameter.in().equals("path") || own.path("required").asBoolean());
        if (common.path("deprecated").asBoolean()) {
            node.put("deprecated", true);
        }
        JsonNode schema = own.has("schema") ? own.get("schema") : common.get("schema");
        node.set("schema", schema == null ? Schemas.simple(parameter.type()) : schema);
        JsonNode example = own.has("example") ? own.get("example") : common.get("example");
        return example == null ? node : node.set("example", example);
    }

    private ObjectNode responses(Route route, JsonNode text) {
        Map<String, ObjectNode> all = new TreeMap<>();
        if (text.has("answers")) {
            text.get("answers").properties().forEach(each -> all.put(each.getKey(), response(route, each.getValue())));
        } else {
            all.put("200", response(route, NODES.objectNode()));
        }
        Set<String> names = new LinkedHashSet<>(Set.of("always"));
        text.path("problems").forEach(name -> names.add(name.asText()));
        if (route.body() != null) {
            names.add("body");
        }
        if (route.parameters().stream().anyMatch(each -> each.type() == java.util.UUID.class)) {
            names.add("not-found");
        }
        all.putAll(problems.responses(names));
        ObjectNode responses = NODES.objectNode();
        all.forEach(responses::set);
        return responses;
    }

    private ObjectNode response(Route route, JsonNode answer) {
        ObjectNode response = NODES.objectNode();
        ObjectNode content = NODES.objectNode();
        String description = "";
        Type type = ((ParameterizedType) route.method().getGenericReturnType()).getActualTypeArguments()[0];
        if (answer.has("lines")) {
            Class<?> line = record(answer.get("lines").asText());
            description = "Lines, each of them one `" + line.getSimpleName() + "`.";
            lines(route, content, line);
        } else if (answer.has("of") || type != Response.class) {
            Type record = answer.has("of") ? record(answer.get("of").asText()) : type;
            ObjectNode json = content.putObject(JSON);
            json.set("schema", schemas.reference(record));
            if (record instanceof Class<?> named) {
                description = Records.text(Records.wire(named.getSimpleName()));
                example(json, named.getSimpleName());
            } else {
                description = "A page of the list.";
            }
        }
        response.put(
                "description",
                answer.has("text") ? Markdown.sentence(answer.get("text").asText()) : description);
        answer.path("headers").forEach(header -> OpenApi.header(response, header.asText()));
        if (!content.isEmpty()) {
            response.set("content", content);
        }
        return response;
    }

    /** A media type has no schema for lines, so the schema is that of a text, and that of a line is {@code contentSchema}. */
    private void lines(Route route, ObjectNode content, Class<?> line) {
        route.methods().forEach(method -> {
            String media = Routes.annotation(method, Produces.class)
                    .orElseThrow()
                    .value()[0]
                    .replaceFirst(";.*", "");
            ObjectNode schema = content.putObject(media).putObject("schema").put("type", "string");
            if (media.equals("application/x-ndjson")) {
                schema.put("contentMediaType", JSON).set("contentSchema", schemas.reference(line));
            }
        });
    }

    private void example(ObjectNode content, String record) {
        if (texts.path("examples").has(record)) {
            content.putObject("examples").putObject(record).put("$ref", "#/components/examples/" + record);
        }
    }

    private static Class<?> record(String name) {
        try {
            return Class.forName("io.nexus.oauth.api." + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("api.yaml names the unknown record " + name, e);
        }
    }
}
