package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.rest.ApiContract.Operation;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bounds that the OpenAPI document names are those of the service: one step beyond each is refused, and the bound is not. */
@QuarkusTest
class ApiBoundsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Valid requests; in each one field is replaced. */
    private static final Map<String, Map<String, Object>> VALID = Map.of(
            "AccountLinkRequest",
            Map.of("user", "alice@example.com"),
            "ApiKeyRequest",
            Map.of("name", "test", "roles", List.of("auditor")),
            "AuditLookupRequest",
            Map.of("token", "a"),
            "ClientRequest",
            Map.of("client_id", "mine"),
            "ClientKeyRequest",
            Map.of(),
            "ConnectSessionRequest",
            Map.of("provider", "sandbox", "user", "alice@example.com"),
            "CredentialRequest",
            Map.of("provider", "sandbox", "user", "alice@example.com", "access_token", "a", "account_id", "a"),
            "ExportRequest",
            Map.of(),
            "PolicyRequest",
            Map.of("issuer", "a", "subject", "a", "tenants", List.of("a"), "roles", List.of("auditor")),
            "RejectionRequest",
            Map.of("version", 1));

    private final ObjectNode document = ApiContract.document();
    private final List<String> looked = new ArrayList<>();
    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.newTenant();
    }

    @Test
    void oneStepBeyondABoundOfAFieldIsRefused() {
        fields((operation, record, name, schema) -> values(schema, 1)
                .forEach((bound, value) -> refused(
                        record + "." + name + ": " + bound,
                        "/" + name,
                        send(operation, "", body(record, name, value)))));
        assertThat(looked).hasSizeGreaterThan(45);
    }

    /** Another field is left out, so that nothing is stored: the answer names all faults. */
    @Test
    void aFieldAtItsBoundIsNoFault() {
        fields((operation, record, name, schema) -> values(schema, 0).forEach((bound, value) -> {
            ObjectNode body = body(record, name, value);
            document.at("/components/schemas/" + record + "/required")
                    .valueStream()
                    .map(JsonNode::asText)
                    .filter(other -> !other.equals(name))
                    .reduce((some, last) -> last) // provider and user are judged together
                    .ifPresent(body::remove);
            looked.add(name);
            if (Set.of("provider", "private_key", "private_key_id")
                    .contains(name)) { // more than a length makes them right
                return;
            }
            List<String> pointers = send(operation, "", body).path("errors.pointer");
            assertThat(pointers == null ? List.of() : pointers)
                    .as("%s.%s: %s", record, name, bound)
                    .doesNotContain("/" + name);
        }));
        assertThat(looked).hasSizeGreaterThan(20);
    }

    private interface Field {
        void look(Operation operation, String record, String name, JsonNode schema);
    }

    private void fields(Field each) {
        ApiContract.operations(document).forEach(operation -> {
            String record = operation
                    .node()
                    .at("/requestBody/content/application~1json/schema/$ref")
                    .asText()
                    .replaceFirst(".*/", "");
            document.at("/components/schemas/" + record + "/properties")
                    .properties()
                    .forEach(field -> each.look(operation, record, field.getKey(), field.getValue()));
        });
    }

    private static ObjectNode body(String record, String field, JsonNode value) {
        ObjectNode body = JSON.valueToTree(VALID.get(record));
        if (Set.of("audience", "resource").contains(field)
                && record.equals("CredentialRequest")) { // of a machine connection only
            body.put("grant_type", "client_credentials").remove("access_token");
        }
        if (field.equals("subject") && record.equals("CredentialRequest")) {
            body.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                    .remove("access_token");
        }
        body.set(field, value);
        return body;
    }

    @Test
    void oneStepBeyondABoundOfAParameterIsRefused() {
        ApiContract.operations(document).stream()
                .filter(operation -> operation.method().equals("get"))
                .forEach(operation -> operation
                        .node()
                        .get("parameters")
                        .valueStream()
                        .filter(each -> each.path("in").asText().equals("query"))
                        .forEach(each -> parameter(operation, each.get("name").asText(), each.get("schema"))));
        assertThat(looked).hasSizeGreaterThan(10);
    }

    private void parameter(Operation operation, String name, JsonNode schema) {
        values(schema, 1)
                .forEach((bound, value) -> refused(
                        operation.id() + " " + name + ": " + bound,
                        name,
                        send(operation, name + "=" + value.asText(), null)));
    }

    private void refused(String what, String pointer, Response response) {
        looked.add(what);
        assertThat(response.statusCode()).as(what + ": " + response.asString()).isEqualTo(400);
        List<String> pointers = response.path("errors.pointer");
        assertThat(pointers == null || pointers.stream().anyMatch(each -> each.startsWith(pointer)))
                .as(what + ": " + response.asString())
                .isTrue();
    }

    private Response send(Operation operation, String query, JsonNode body) {
        String path = operation
                .path()
                .replace("{id}", UUID.randomUUID().toString())
                .replace("{provider}", "sandbox")
                .replaceAll("\\{\\w+}", "a");
        String required = operation.id().equals("getToken") ? "?provider=sandbox&user=a&" : query.isEmpty() ? "" : "?";
        // policies need an admin of all tenants
        String caller = operation.path().startsWith("/api/v1/policies") ? Api.bootstrapKey() : key;
        RequestSpecification request = Api.as(caller).urlEncodingEnabled(false);
        return (body == null ? request : request.body(body.toString()))
                .request(operation.method().toUpperCase(Locale.ROOT), path + required + query);
    }

    /** Values that are {@code beyond} the bounds of {@code schema}, by the names of the bounds; only those of size for 0. */
    private static Map<String, JsonNode> values(JsonNode schema, int beyond) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        schema.properties().forEach(each -> {
            int bound = each.getValue().asInt();
            Object value = switch (each.getKey()) {
                case "minimum" -> bound - beyond;
                case "maximum" -> bound + beyond;
                case "minLength" -> "a".repeat(bound - beyond);
                case "maxLength" -> "a".repeat(bound + beyond);
                case "maxProperties" ->
                    IntStream.range(0, bound + beyond)
                            .boxed()
                            .collect(Collectors.toMap(String::valueOf, String::valueOf));
                case "minItems" -> beyond == 0 ? null : List.of();
                case "pattern", "enum" -> beyond == 0 ? null : "\u00e9";
                case "items" -> beyond > 0 && each.getValue().has("enum") ? List.of("nobody") : null;
                default -> null;
            };
            if (value != null
                    && !(each.getKey().equals("maxLength")
                            && "uri".equals(schema.path("format").asText())
                            && beyond == 0)) {
                values.put(each.getKey(), JSON.valueToTree(value));
            }
        });
        return values;
    }
}
