package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The API only grows: clients of the frozen document can use the service of today. */
class BreakingChangesTest {

    /** The document of the last release, without texts. {@code -Dnexus.docs=freeze} writes it. */
    private static final Path FROZEN = Path.of("src/test/resources/io/nexus/oauth/docs/openapi-frozen.yaml");

    private static final String TOKEN = "/paths/~1api~1v1~1token/get";
    private static final String STORE = "/paths/~1api~1v1~1credentials/post";
    private static final String GRANT = "/components/schemas/CredentialRequest";
    private static final String VIEW = "/components/schemas/TokenView";

    private final JsonNode document = OpenApi.read(OpenApi.FILE);

    @Test
    void nothingOfTheFrozenDocumentIsBroken() throws IOException {
        if ("freeze".equals(System.getProperty("nexus.docs"))) {
            Files.writeString(FROZEN, OpenApi.yaml(BreakingChanges.withoutTexts(document)));
        }
        JsonNode frozen = OpenApi.read(FROZEN);

        assertThat(frozen.path("paths")).hasSizeGreaterThan(20);
        assertThat(BreakingChanges.between(frozen, document))
                .as(
                        "breaking changes. See versioning.md; with -Dnexus.docs=freeze this document becomes the frozen one")
                .isEmpty();
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                change("a path", at("/paths", paths -> paths.remove("/api/v1/token")), "GET /api/v1/token is gone"),
                change(
                        "an operation",
                        at("/paths/~1api~1v1~1credentials", path -> path.remove("get")),
                        "GET /api/v1/credentials is gone"),
                change(
                        "an operationId",
                        at(TOKEN, operation -> operation.put("operationId", "token")),
                        "GET /api/v1/token has another operationId"),
                change(
                        "a role",
                        at(TOKEN, operation -> operation.putArray("x-roles").add("admin")),
                        "GET /api/v1/token no longer admits the role token-reader"),
                change(
                        "a parameter",
                        at(TOKEN, operation -> ((ArrayNode) operation.get("parameters")).remove(2)),
                        "GET /api/v1/token: query min_ttl is gone"),
                change(
                        "a parameter that is required",
                        at(TOKEN + "/parameters/2", parameter -> parameter.put("required", true)),
                        "GET /api/v1/token: query min_ttl is required now"),
                change(
                        "a bound of a parameter",
                        at(TOKEN + "/parameters/2/schema", schema -> schema.put("maximum", 3600)),
                        "GET /api/v1/token: query min_ttl has a narrower maximum"),
                change(
                        "a status",
                        at(STORE + "/responses", responses -> responses.remove("204")),
                        "POST /api/v1/credentials: 204 is gone"),
                change(
                        "a header",
                        at(STORE + "/responses/201/headers", headers -> headers.remove("Location")),
                        "POST /api/v1/credentials: 201 header Location is gone"),
                change(
                        "a field of an answer",
                        at(VIEW + "/properties", fields -> fields.remove("header")),
                        "GET /api/v1/token: 200/header is gone"),
                change(
                        "a field that can be missing",
                        at(VIEW, view -> ((ArrayNode) view.get("required")).remove(0)),
                        "GET /api/v1/token: 200/access_token can be missing now"),
                change(
                        "a field that can be null",
                        at(
                                VIEW + "/properties/header",
                                field -> field.putArray("type").add("string").add("null")),
                        "GET /api/v1/token: 200/header has another type"),
                change(
                        "a field of another type",
                        at(VIEW + "/properties/version", field -> field.put("type", "string")),
                        "GET /api/v1/token: 200/version has another type"),
                change(
                        "a field of a request",
                        at(GRANT + "/properties", fields -> fields.remove("scopes")),
                        "POST /api/v1/credentials: body/scopes is gone"),
                change(
                        "a new required field",
                        at(GRANT, grant -> {
                            ((ArrayNode) grant.get("required")).add("note");
                            ((ObjectNode) grant.get("properties"))
                                    .putObject("note")
                                    .put("type", "string");
                        }),
                        "POST /api/v1/credentials: body/note is required now"),
                change(
                        "a narrower length",
                        at(GRANT + "/properties/user", field -> field.put("maxLength", 64)),
                        "POST /api/v1/credentials: body/user has a narrower maxLength"),
                change(
                        "fewer values",
                        at(
                                "/components/schemas/ApiKeyRequest/properties/roles/items",
                                roles -> ((ArrayNode) roles.get("enum")).remove(0)),
                        "POST /api/v1/api-keys: body/roles/* takes fewer values"),
                change(
                        "a way to authenticate",
                        at("/components/securitySchemes", schemes -> schemes.remove("api_key")),
                        "security scheme api_key is gone"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void aBreakingChangeIsFound(String kind, Consumer<JsonNode> change, String expected) {
        JsonNode changed = document.deepCopy();

        change.accept(changed);

        assertThat(BreakingChanges.between(BreakingChanges.withoutTexts(document), changed))
                .containsExactly(expected);
    }

    @Test
    void anAdditionBreaksNothing() {
        JsonNode changed = document.deepCopy();
        at(GRANT + "/properties", fields -> fields.putObject("note").put("type", "string"))
                .accept(changed);
        at(VIEW + "/properties", fields -> fields.putObject("note").put("type", "string"))
                .accept(changed);
        at(
                        VIEW + "/properties/refresh_state",
                        field -> field.withArray("/x-extensible-enum").add("stale"))
                .accept(changed);
        at(GRANT + "/properties/user", field -> field.put("maxLength", 1000)).accept(changed);
        at("/paths", paths -> paths.set("/api/v1/new", paths.get("/api/v1/token")))
                .accept(changed);

        assertThat(BreakingChanges.between(document, changed)).isEqualTo(List.of());
    }

    private static Consumer<JsonNode> at(String pointer, Consumer<ObjectNode> change) {
        return document -> change.accept((ObjectNode) document.at(pointer));
    }

    private static Arguments change(String kind, Consumer<JsonNode> change, String expected) {
        return Arguments.of(kind, change, expected);
    }
}
