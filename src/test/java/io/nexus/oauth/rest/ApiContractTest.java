package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.nexus.oauth.rest.ApiContract.Answer;
import io.nexus.oauth.rest.ApiContract.Operation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The judge of the REST tests sees what differs from the document. */
class ApiContractTest {

    private static final ObjectNode DOCUMENT = ApiContract.document();

    private final ApiContract contract = new ApiContract(DOCUMENT);
    private final Operation getToken =
            contract.operation("GET", "/api/v1/token").orElseThrow();

    static Stream<Arguments> wrongBodies() {
        return Stream.of(
                wrong("a field is missing", body -> body.remove("version"), "version"),
                wrong("a field is in camelCase", body -> body.put("accessToken", "a"), "accessToken"),
                wrong("a text instead of a number", body -> body.put("expires_in", "soon"), "expires_in"),
                wrong("null where a value must be", body -> body.putNull("header"), "header"),
                wrong("a value that is not named", body -> body.put("refresh_state", "stale"), "refresh_state"),
                wrong("no time", body -> body.put("expires_at", "tomorrow"), "expires_at"),
                wrong("no id", body -> body.put("credential_id", "1"), "credential_id"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongBodies")
    void aWrongBodyIsAFault(String kind, Consumer<ObjectNode> change, String field) {
        ObjectNode body = token();
        assertThat(contract.faults(getToken, answer(200, "application/json", body.toString())))
                .isEmpty();

        change.accept(body);

        assertThat(contract.faults(getToken, answer(200, "application/json", body.toString())))
                .singleElement()
                .asString()
                .contains(field);
    }

    @Test
    void aStatusAMediaTypeAHeaderAndAProblemThatTheDocumentLacksAreFaults() {
        assertThat(contract.faults(getToken, answer(201, "application/json", token().toString())))
                .containsExactly("there is no response with the status 201");
        assertThat(contract.faults(getToken, answer(200, "text/plain", token().toString())))
                .containsExactly("there is no media type text/plain");
        assertThat(contract.faults(getToken, answer(304, "", "{}"))).containsExactly("there is a body");
        Operation create =
                contract.operation("POST", "/api/v1/connect-sessions").orElseThrow();
        String session =
                DOCUMENT.at("/components/examples/ConnectSessionView/value").toString();
        assertThat(contract.faults(create, new Answer(201, "application/json", session, name -> null)))
                .containsExactly("the header Location is missing");
        assertThat(contract.faults(getToken, answer(404, "application/problem+json", problem("not-found", 404))))
                .containsExactly("there is no problem not-found");
        assertThat(contract.faults(
                        getToken, answer(404, "application/problem+json", problem("credential-not-found", 404))))
                .isEmpty();
    }

    @Test
    void aLineOfAnExportIsLookedAt() {
        Operation export = contract.operation("GET", "/api/v1/audit/export").orElseThrow();

        assertThat(contract.faults(export, answer(200, "application/x-ndjson", "{\"id\": 1}\n")))
                .anyMatch(fault -> fault.contains("operation"));
        assertThat(contract.faults(export, answer(200, "text/csv", "id,at\n"))).isEmpty();
    }

    @Test
    void aRequestThatTheDocumentForbidsIsAFault() {
        Operation store = contract.operation("POST", "/api/v1/credentials").orElseThrow();
        String grant =
                DOCUMENT.at("/components/examples/CredentialRequest/value").toString();

        assertThat(contract.faults(store, Map.of("dry_run", "true"), grant)).isEmpty();
        assertThat(contract.faults(store, Map.of("dryrun", "true"), grant))
                .containsExactly("there is no parameter dryrun");
        assertThat(contract.faults(store, Map.of("dry_run", "1"), grant)).hasSize(1);
        assertThat(contract.faults(store, Map.of(), "{\"provider\": \"sandbox\", \"access_token\": \"a\"}"))
                .singleElement()
                .asString()
                .contains("user");
        assertThat(contract.faults(getToken, Map.of("provider", "sandbox", "user", "a", "min_ttl", "86401"), ""))
                .hasSize(1);
        assertThat(contract.faults(getToken, Map.of("provider", "sandbox"), ""))
                .containsExactly("the parameter user is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/credentials/0c5be2f4-9f2f-4a3e-8a9c-8e1f7f0f7d3e, getCredential",
        "POST, /api/v1/credentials/export, exportCredentials",
        "PUT, /api/v1/clients/google, putClient"
    })
    void anOperationIsFoundByItsPath(String method, String path, String id) {
        assertThat(contract.operation(method, path)).map(Operation::id).contains(id);
        assertThat(contract.operation("PATCH", path)).isEmpty();
        assertThat(contract.operation(method, path + "/nothing")).isEmpty();
    }

    /** Through REST Assured, as all tests call the service. */
    @Test
    void aTestFailsOnAWrongAnswerAndEachAnswerIsCounted() throws IOException {
        ContractFilter.install();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/token", exchange -> {
            ObjectNode body = token();
            if (exchange.getRequestURI().getQuery().contains("user=wrong")) {
                body.remove("version");
            }
            byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json;charset=UTF-8");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            String address =
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/api/v1/token?provider=google&user=";
            long before = counted();

            assertThat(given().get(address + "right").<Integer>path("version")).isEqualTo(7);
            assertThatThrownBy(() -> given().get(address + "wrong"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("GET /api/v1/token answers 200")
                    .hasMessageContaining("'version'");

            assertThat(counted()).isEqualTo(before + 2);
        } finally {
            server.stop(0);
        }
    }

    private static long counted() {
        return ContractFilter.VALIDATED
                .getOrDefault("getToken 200", new LongAdder())
                .sum();
    }

    private static ObjectNode token() {
        return DOCUMENT.at("/components/examples/TokenView/value").deepCopy();
    }

    private static String problem(String slug, int status) {
        return "{\"type\": \"urn:nexus-oauth:problem:%s\", \"title\": \"a\", \"status\": %d, \"detail\": \"a\"}"
                .formatted(slug, status);
    }

    private static Answer answer(int status, String mediaType, String body) {
        return new Answer(status, mediaType, body, name -> "a");
    }

    private static Arguments wrong(String kind, Consumer<ObjectNode> change, String field) {
        return Arguments.of(kind, change, field);
    }
}
