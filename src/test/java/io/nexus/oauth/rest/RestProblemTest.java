package io.nexus.oauth.rest;

import static io.nexus.oauth.rest.Api.assertProblem;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Invalid requests get a clear problem, store nothing and reveal no internals of the service. */
@QuarkusTest
class RestProblemTest {

    private static final String STORED = "SELECT (SELECT count(*) FROM oauth_credentials WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM oauth_clients WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM connect_sessions WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM api_keys WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM audit_events WHERE tenant_id = $1) AS rows";

    @Inject
    Pool pool;

    private final String tenant = Api.unique("tenant");
    private String key;
    private long before;

    @BeforeEach
    void ownTenant() {
        key = Api.key(tenant, Api.ALL_ROLES);
        before = stored();
    }

    @AfterEach
    void nothingIsStored() {
        assertThat(stored()).isEqualTo(before);
    }

    static Stream<Arguments> badGrants() {
        return Stream.of(
                bad("provider", "nobody", "/provider"),
                bad("provider", null, "/provider"),
                bad("provider", "", "/provider"),
                bad("provider", "san\u0000dbox", "/provider"),
                bad("user", null, "/user"),
                bad("user", "", "/user"),
                bad("user", "   ", "/user"),
                bad("user", " alice", "/user"),
                bad("user", "alice\u00a0\u2003", "/user"),
                bad("user", "alice\n", "/user"),
                bad("user", "al\u0000ice", "/user"),
                bad("user", "al\u001bice", "/user"),
                bad("user", "al\u202eice", "/user"),
                bad("user", "al\u200bice", "/user"),
                bad("user", "al\ufeffice", "/user"),
                bad("user", "al\ud800ice", "/user"),
                bad("user", "al\ue000ice", "/user"),
                bad("user", "al\u2028ice", "/user"),
                bad("user", "e\u0301lise", "/user"),
                bad("user", "a".repeat(255), "/user"),
                bad("access_token", null, "/access_token"),
                bad("access_token", "", "/access_token"),
                bad("access_token", "a b", "/access_token"),
                bad("access_token", "a\r\nX-Evil: 1", "/access_token"),
                bad("access_token", "t\u00f6ken", "/access_token"),
                bad("access_token", "a".repeat(16 * 1024 + 1), "/access_token"),
                bad("refresh_token", "", "/refresh_token"),
                bad("refresh_token", "a\r\nb", "/refresh_token"),
                bad("refresh_token", "a".repeat(16 * 1024 + 1), "/refresh_token"),
                bad("token_type", "Bearer\r\nX: y", "/token_type"),
                bad("token_type", "", "/token_type"),
                bad("expires_in", -1, "/expires_in"),
                bad("expires_in", Long.MAX_VALUE, "/expires_in"),
                bad("expires_at", "2030-01-01T00:00:00Z", "/expires_in"), // both
                bad("scopes", List.of("a b"), "/scopes"),
                bad("scopes", List.of(""), "/scopes"),
                bad("scopes", List.of("sc\u0000pe"), "/scopes"),
                bad("scopes", Arrays.asList("a", null), "/scopes"),
                bad("client_id", "", "/client_id"),
                bad("client_id", "cli\u0000ent", "/client_id"),
                bad("client_id", "c".repeat(513), "/client_id"),
                bad("account_id", "acc\u0000ount", "/account_id"),
                bad("account_id", "a".repeat(10_000), "/account_id"),
                bad("account_id", "", "/account_id"),
                bad("account_label", "without an id", "/account_label"),
                bad("metadata", map("a\u0000b", "c"), "/metadata"),
                bad("metadata", map("a", null), "/metadata"),
                bad("metadata", map("a", "b".repeat(20_000)), "/metadata"),
                bad("metadata", map("", "b"), "/metadata"));
    }

    @ParameterizedTest
    @MethodSource("badGrants")
    void aBadGrantIsRefusedWithAPointer(String field, Object value, String pointer) {
        Response response = Api.as(key).body(Api.grant(field, value)).post("/api/v1/credentials");

        assertProblem(response, 400, "invalid-request");
        assertThat(response.<List<String>>path("errors.pointer")).anyMatch(at -> at.startsWith(pointer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+1000000000-12-31T23:59:59Z",
                "-1000000000-01-01T00:00:00Z",
                "9999-12-31T23:59:59Z",
                "0001-01-01T00:00:00Z"
            })
    void anExpiryBeyondReasonIsRefused(String expiry) {
        Map<String, Object> grant = Api.grant("expires_at", expiry);
        grant.remove("expires_in");

        Response response = Api.as(key).body(grant).post("/api/v1/credentials");

        assertProblem(response, 400, "invalid-request");
        assertThat(response.<List<String>>path("errors.pointer")).contains("/expires_at");
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        Map<String, Object> grant = Api.grant("user", "a\nb");
        grant.put("provider", "nobody");
        grant.put("access_token", "a b");
        grant.put("expires_in", -1);

        assertThat(Api.as(key).body(grant).post("/api/v1/credentials").<List<String>>path("errors.pointer"))
                .containsExactlyInAnyOrder("/user", "/provider", "/access_token", "/expires_in");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "{",
                "[]",
                "\"text\"",
                "42",
                "{} {}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"refreshToken\": \"camel\"}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"expires_in\": 1.5}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"expires_in\": \"soon\"}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"expires_in\": 99999999999999999999}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"expires_at\": \"tomorrow\"}",
                "{\"provider\": \"sandbox\", \"user\": {\"a\": 1}, \"access_token\": \"b\"}",
                "{\"provider\": \"sandbox\", \"user\": [\"a\"], \"access_token\": \"b\"}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"scopes\": \"email\"}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"metadata\": []}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"accept_other_account\": \"perhaps\"}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"access_token\": \"b\", \"accept_other_account\": 1}",
                "{\"provider\": \"sandbox\", \"user\": 42, \"access_token\": \"b\"}",
                "{\"provider\": \"sandbox\", \"user\": \"a\", \"user\": \"c\", \"access_token\": \"b\"}",
            })
    void aBodyThatIsNoGrantIsRefused(String body) {
        assertProblem(Api.as(key).body(body).post("/api/v1/credentials"), 400, "invalid-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/credentials", "/api/v1/connect-sessions", "/api/v1/api-keys"})
    void anEmptyObjectAndNoBodyAreRefused(String path) {
        assertProblem(Api.as(key).post(path), 400, "invalid-request");
        assertProblem(Api.as(key).body("{}").post(path), 400, "invalid-request");
        assertProblem(Api.as(key).body("{\"x\": 1}").post(path), 400, "invalid-request");
        assertProblem(Api.as(key).body("{\"a").post(path), 400, "invalid-request");
    }

    @Test
    void aBodyNobodyNeedsIsTooLarge() {
        assertProblem(
                Api.as(key)
                        .body(Api.grant("access_token", "a".repeat(1024 * 1024)))
                        .post("/api/v1/credentials"),
                413,
                "payload-too-large");
    }

    /** Most clients read the response after they sent the body. */
    @Test
    void aBodyThatIsTooLargeMayBeSentToItsEnd() throws IOException {
        byte[] body = new byte[1024 * 1024];
        String head =
                "POST /api/v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n";
        try (Socket socket =
                new Socket("127.0.0.1", ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class))) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 413".length());
            assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");

            socket.getOutputStream().write(body);

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .containsIgnoringCase("connection: close")
                    .contains("payload-too-large");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/credentials?provder=google, provder, provider",
        "/api/v1/credentials?PROVIDER=google, PROVIDER, status",
        "/api/v1/audit?actr=me, actr, actor",
        "/api/v1/token?provider=sandbox&user=a&minttl=5, minttl, min_ttl",
        "/api/v1/providers?limit=5, limit, It has: tenant"
    })
    void aParameterThatTheOperationDoesNotHaveIsRefused(String address, String pointer, String detail) {
        Response response = Api.as(key).get(address);

        assertProblem(response, 400, "invalid-request");
        assertThat(response.<String>path("errors[0].pointer")).isEqualTo(pointer);
        assertThat(response.<String>path("errors[0].detail")).contains(detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/credentials | {\"provider\": \"sandbox\", \"user\": 42} | /user | must be a string",
                "/credentials | {\"expires_in\": \"1h\"} | /expires_in | must be a whole number",
                "/credentials | {\"scopes\": \"email\"} | /scopes | must be an array",
                "/credentials | {\"metadata\": []} | /metadata | must be an object",
                "/credentials | {\"accept_other_account\": \"perhaps\"} | /accept_other_account | must be true or false",
                "/credentials | {\"expires_at\": \"tomorrow\"} | /expires_at | must be a time like 2026-01-31T12:00:00Z",
                "/credentials | {\"provder\": \"sandbox\"} | /provder | is not a known field. The fields are: accept_other_account, access_token",
                "/credentials | {\"user\": \"a\", \"user\": \"b\"} | '' | the body has a field twice at line 1, column",
                "/credentials | {\"user\": 'a'} | '' | the body is not valid JSON at line 1, column 1",
                "/connect-sessions | {\"credential_id\": \"7\"} | /credential_id | must be an id like 0c5be2f4",
                "/api-keys | {\"name\": \"a\", \"roles\": [\"reader\"]} | /roles | must be one of token-reader, token-exchanger, connector"
            })
    void aFaultInABodySaysWhatIsWanted(String path, String body, String pointer, String detail) {
        Response response = Api.as(key).body(body).post("/api/v1" + path);

        assertProblem(response, 400, "invalid-request");
        assertThat(response.<String>path("errors[0].pointer")).isEqualTo(pointer);
        assertThat(response.<String>path("errors[0].detail")).startsWith(detail);
        assertThat(response.<String>path("detail")).startsWith(pointer.isEmpty() ? detail : pointer + ": " + detail);
    }

    @Test
    void aMissingRoleIsNamed() {
        Response response = Api.as(Api.key(Api.unique("tenant"), "auditor")).get("/api/v1/credentials");

        assertProblem(response, 403, "forbidden");
        assertThat(response.<String>path("detail")).endsWith("It needs the role tenant-admin or connector");
    }

    @Test
    void aParameterIsGivenOnce() {
        Response response = Api.as(key).get("/api/v1/credentials?status=active&status=revoked");

        assertProblem(response, 400, "invalid-request");
        assertThat(response.<String>path("errors[0].detail")).isEqualTo("must be given once only");
    }

    static Stream<Arguments> badSessions() {
        return Stream.of(
                Arguments.of(Map.of("provider", "nobody", "user", "a"), "/provider"),
                Arguments.of(Map.of("provider", "san\u0000dbox", "user", "a"), "/provider"),
                Arguments.of(Map.of("provider", "sandbox"), "/user"),
                Arguments.of(Map.of("user", "a"), "/provider"),
                Arguments.of(Map.of("provider", "sandbox", "user", "al\u202eice"), "/user"),
                Arguments.of(Map.of("provider", "sandbox", "user", "a", "expires_in", 59), "/expires_in"),
                Arguments.of(Map.of("provider", "sandbox", "user", "a", "expires_in", 604801), "/expires_in"),
                Arguments.of(Map.of("provider", "sandbox", "user", "a", "expires_in", "1h"), "/expires_in"),
                Arguments.of(Map.of("provider", "sandbox", "user", "a", "scopes", List.of("a b")), "/scopes"),
                Arguments.of(Map.of("provider", "sandbox", "user", "a", "scopes", Arrays.asList("a", null)), "/scopes"),
                Arguments.of(
                        Map.of("provider", "sandbox", "user", "a", "credential_id", UUID.randomUUID()),
                        "/credential_id"),
                Arguments.of(
                        Map.of("provider", "sandbox", "user", "a", "return_url", "https://evil.example/"),
                        "/return_url"));
    }

    @ParameterizedTest
    @MethodSource("badSessions")
    void aBadWishForASessionIsRefused(Map<String, Object> wish, String pointer) {
        Response response = Api.as(key).body(wish).post("/api/v1/connect-sessions");

        assertProblem(response, 400, "invalid-request");
        assertThat(response.<List<String>>path("errors.pointer")).anyMatch(at -> at.startsWith(pointer));
    }

    @Test
    void aSessionNeedsARegisteredClient() {
        Response response =
                Api.as(key).body(Map.of("provider", "github", "user", "a")).post("/api/v1/connect-sessions");

        assertProblem(response, 502, "provider-misconfigured");
        assertThat(response.<String>path("code")).isEqualTo("client_not_registered");
    }

    static Stream<Arguments> badClients() {
        return Stream.of(
                Arguments.of("nobody", Map.of("client_id", "a"), "provider"),
                Arguments.of("github", Map.of(), "/client_id"),
                Arguments.of("github", Map.of("client_id", "a\u0000b"), "/client_id"),
                Arguments.of("github", Map.of("client_id", "a".repeat(513)), "/client_id"),
                Arguments.of("github", Map.of("client_id", "a", "client_secret", ""), "/client_secret"),
                Arguments.of("github", Map.of("client_id", "a", "client_secret", "s\u00e9cret"), "/client_secret"),
                Arguments.of("github", Map.of("client_id", "a", "client_secret", "s".repeat(8193)), "/client_secret"),
                Arguments.of("github", Map.of("client_id", "a", "second_client_secret", ""), "/second_client_secret"),
                Arguments.of(
                        "github",
                        Map.of("client_id", "a", "second_client_secret", "s\u00e9cret"),
                        "/second_client_secret"),
                Arguments.of("github", Map.of("client_id", "a", "scopes", List.of("a\"b")), "/scopes"),
                Arguments.of("github", Map.of("client_id", "a", "scopes", Arrays.asList("a", null)), "/scopes"),
                Arguments.of("github", Map.of("client_id", "a", "vars", Map.of("unknown", "x")), "/vars/unknown"),
                Arguments.of("github", Map.of("client_id", "a", "vars", Map.of("host", "evil.example")), "/vars/host"),
                Arguments.of("github", Map.of("client_id", "a", "vars", map("host", null)), "/vars"),
                Arguments.of("keycloak", Map.of("client_id", "a", "vars", Map.of("realm", "a/b")), "/vars/realm"),
                Arguments.of(
                        "github", Map.of("client_id", "a", "redirect_uri", "javascript:alert(1)"), "/redirect_uri"),
                Arguments.of("github", Map.of("client_id", "a", "redirect_uri", "no url"), "/redirect_uri"),
                Arguments.of("github", Map.of("client_id", "a", "redirect_uri", "/callback"), "/redirect_uri"),
                Arguments.of(
                        "github",
                        Map.of("client_id", "a", "redirect_uri", "https://u:p@app.example/callback"),
                        "/redirect_uri"),
                Arguments.of(
                        "github",
                        Map.of("client_id", "a", "redirect_uri", "https://app.example/callback#x"),
                        "/redirect_uri"),
                Arguments.of(
                        "github",
                        Map.of("client_id", "a", "redirect_uri", "https://app.example/\u0000"),
                        "/redirect_uri"));
    }

    @ParameterizedTest
    @MethodSource("badClients")
    void aBadClientIsRefused(String provider, Map<String, Object> client, String pointer) {
        Response response = Api.as(key).body(client).put("/api/v1/clients/" + provider);

        assertProblem(response, 400, "invalid-request");
        assertThat(response.<List<String>>path("errors.pointer")).anyMatch(at -> at.startsWith(pointer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "7",
                "{}",
                "{\"version\": null}",
                "{\"version\": 0}",
                "{\"version\": -1}",
                "{\"version\": 1.0}",
                "{\"version\": 1.5}",
                "{\"version\": \"1\"}",
                "{\"version\": true}",
                "{\"version\": [1]}",
                "{\"version\": 99999999999999999999}",
                "{\"version\": 1, \"version\": 1}",
                "{\"version\": 1, \"token\": \"a\"}",
                "{\"version\": 1} {}"
            })
    void aBadReportIsRefused(String body) {
        assertProblem(Api.as(key).body(body).post(reportOf(UUID.randomUUID())), 400, "invalid-request");
    }

    @Test
    void aBadReportIsRefusedWithAPointer() {
        for (String body : List.of("{}", "{\"version\": 0}", "{\"version\": \"1\"}")) {
            Response response = Api.as(key).body(body).post(reportOf(UUID.randomUUID()));

            assertProblem(response, 400, "invalid-request");
            assertThat(response.<List<String>>path("errors.pointer")).containsExactly("/version");
        }
        Response both = Api.as(key).body("{}").post(reportOf(UUID.randomUUID()) + "?min_ttl=x&max_wait=61");
        assertThat(both.<List<String>>path("errors.pointer"))
                .containsExactlyInAnyOrder("/version", "min_ttl", "max_wait");
    }

    private static String reportOf(UUID id) {
        return "/api/v1/credentials/" + id + "/rejected";
    }

    @Test
    void anotherTenantsTokenCannotBeReported() {
        UUID theirs = UUID.fromString(Api.imported(Api.newTenant(), withoutProvidersClient()));

        for (int version : List.of(1, 2, 99)) {
            String body = "{\"version\": " + version + "}";
            Response foreign = Api.as(key).body(body).post(reportOf(theirs));
            Response missing = Api.as(key).body(body).post(reportOf(UUID.randomUUID()));

            assertProblem(foreign, 404, "credential-not-found");
            assertThat(foreign.asByteArray()).isEqualTo(missing.asByteArray());
        }
    }

    static Stream<Arguments> badKeys() {
        return Stream.of(
                Arguments.of(Map.of("roles", List.of("auditor"))),
                Arguments.of(Map.of("name", "a")),
                Arguments.of(Map.of("name", "a", "roles", List.of())),
                Arguments.of(Map.of("name", "a", "roles", List.of("god"))),
                Arguments.of(Map.of("name", "a", "roles", Arrays.asList("auditor", null))),
                Arguments.of(Map.of("name", "a\nb", "roles", List.of("auditor"))),
                Arguments.of(Map.of("name", "a".repeat(101), "roles", List.of("auditor"))),
                Arguments.of(Map.of("name", "a", "roles", List.of("auditor"), "tenant", "a b")),
                Arguments.of(Map.of("name", "a", "roles", List.of("auditor"), "tenant", "")),
                Arguments.of(Map.of("name", "a", "roles", List.of("auditor"), "expires_in", 59)),
                Arguments.of(Map.of("name", "a", "roles", List.of("auditor"), "expires_in", -1)),
                Arguments.of(Map.of("name", "a", "roles", List.of("auditor"), "expires_in", 366 * 86_400 + 1)),
                Arguments.of(Map.of("name", "a", "roles", List.of("auditor"), "expires_in", Long.MAX_VALUE)));
    }

    @ParameterizedTest
    @MethodSource("badKeys")
    void aBadKeyIsNotMade(Map<String, Object> wish) {
        assertProblem(Api.as(key).body(wish).post("/api/v1/api-keys"), 400, "invalid-request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/credentials?limit=0",
                "/api/v1/credentials?limit=201",
                "/api/v1/credentials?limit=-1",
                "/api/v1/credentials?limit=ten",
                "/api/v1/credentials?limit=%20",
                "/api/v1/credentials?limit=99999999999999999999",
                "/api/v1/credentials?cursor=x",
                "/api/v1/credentials?cursor=%20",
                "/api/v1/credentials?cursor=%00",
                "/api/v1/credentials?cursor=KzEwMDAwMDAwMDAtMTItMzFUMjM6NTk6NTlaLzBmNWI2YzYyLTQ2YzYtNGE0OC05YjJjLTFjMGY5ZDg5YjVmNQ",
                "/api/v1/credentials?status=dead",
                "/api/v1/credentials?status=ACTIVE",
                "/api/v1/credentials?user=%00",
                "/api/v1/credentials?provider=%00",
                "/api/v1/audit?limit=0",
                "/api/v1/audit?limit=201",
                "/api/v1/audit?cursor=x",
                "/api/v1/audit?cursor=-1",
                "/api/v1/audit?cursor=9999999999999999999",
                "/api/v1/token",
                "/api/v1/token?provider=sandbox",
                "/api/v1/token?user=a",
                "/api/v1/token?provider=sandbox&user=%00",
                "/api/v1/token?provider=%00&user=a",
                "/api/v1/token?provider=sandbox&user=a&min_ttl=-1",
                "/api/v1/token?provider=sandbox&user=a&min_ttl=1h",
                "/api/v1/token?provider=sandbox&user=a&min_ttl=86401",
                "/api/v1/token?provider=sandbox&user=a&min_ttl=%20",
                "/api/v1/token?provider=sandbox&user=a&max_wait=61",
                "/api/v1/token?provider=sandbox&user=a&max_wait=-1",
                "/api/v1/token?provider=sandbox&user=a&max_wait=99999999999",
                "/api/v1/token?provider=sandbox&user=a&scope=a%20%20b",
                "/api/v1/token?provider=sandbox&user=a&scope=a%0ab",
                "/api/v1/token?provider=sandbox&user=a&scope=%22a%22",
                "/api/v1/token?provider=sandbox&user=a&scope=%c3%a4",
                "/api/v1/credentials/0f5b6c62-46c6-4a48-9b2c-1c0f9d89b5f5/token?scope=%20a",
                "/api/v1/api-keys?tenant=a%20b",
                "/api/v1/api-keys?tenant=%00"
            })
    void aBadQueryIsRefused(String path) {
        assertProblem(get(path), 400, "invalid-request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/credentials/%s",
                "DELETE /api/v1/credentials/%s",
                "GET /api/v1/credentials/%s/token",
                "POST /api/v1/credentials/%s/refresh",
                "POST /api/v1/credentials/%s/test",
                "POST /api/v1/credentials/%s/revoke"
            })
    void anotherTenantsCredentialLooksLikeNone(String route) {
        String theirs = Api.imported(Api.newTenant(), withoutProvidersClient());

        Response foreign = send(key, route.formatted(theirs));
        Response missing = send(key, route.formatted(UUID.randomUUID()));

        assertProblem(foreign, 404, "credential-not-found");
        assertThat(foreign.asByteArray()).isEqualTo(missing.asByteArray());
        assertThat(foreign.headers().asList().toString())
                .isEqualTo(missing.headers().asList().toString());
    }

    @Test
    void anotherTenantsSessionsClientsAndKeysLookLikeNone() {
        String session = Api.session(Map.of("provider", "sandbox", "user", Api.unique("user")))
                .path("id");
        Response foreign = send(key, "GET /api/v1/connect-sessions/" + session);
        Response missing = send(key, "GET /api/v1/connect-sessions/" + UUID.randomUUID());
        assertProblem(foreign, 404, "not-found");
        assertThat(foreign.asByteArray()).isEqualTo(missing.asByteArray());

        Response theirs = Api.as(key)
                .body(Map.of("credential_id", Api.imported(Api.newTenant(), withoutProvidersClient())))
                .post("/api/v1/connect-sessions");
        Response none =
                Api.as(key).body(Map.of("credential_id", UUID.randomUUID())).post("/api/v1/connect-sessions");
        assertProblem(theirs, 404, "credential-not-found");
        assertThat(theirs.asByteArray()).isEqualTo(none.asByteArray());

        Api.admin()
                .body(Map.of("client_id", "mine"))
                .put("/api/v1/clients/zoom")
                .then()
                .statusCode(200);
        assertProblem(send(key, "GET /api/v1/clients/zoom"), 404, "not-found");
        assertProblem(send(key, "DELETE /api/v1/clients/zoom"), 404, "not-found");
        assertProblem(send(key, "DELETE /api/v1/api-keys/" + UUID.randomUUID()), 404, "not-found");
        Api.admin().delete("/api/v1/clients/zoom").then().statusCode(204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/credentials/%00",
                "GET /api/v1/clients/a%00b",
                "PUT /api/v1/clients/a%00b",
                "DELETE /api/v1/clients/a%00b",
                "DELETE /api/v1/api-keys/a%00b",
                "GET /api/v1/providers/a%00b"
            })
    void aNulInTheAddressIsRefused(String route) {
        assertProblem(send(key, route), 400, "invalid-request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/credentials/1",
                "GET /api/v1/credentials/1-1-1-1-1-1",
                "GET /api/v1/credentials/not-a-uuid/token",
                "POST /api/v1/credentials/not-a-uuid/refresh",
                "GET /api/v1/connect-sessions/not-a-uuid",
                "GET /api/v1/providers/nobody",
                "GET /api/v1/nothing",
                "GET /api/v2/token",
                "GET /api",
                "GET /nothing"
            })
    void thereIsNothingAtAPathNobodyMade(String route) {
        assertProblem(send(key, route), 404, "not-found");
    }

    @Test
    void aStrangerHearsNoMoreOfPathsThanACaller() {
        for (String path : List.of("/api/v1/nothing", "/nothing", "/api/v2/token")) {
            assertProblem(given().urlEncodingEnabled(false).get(path), 404, "not-found");
        }
    }

    @Test
    void aWrongMethodIsNamed() {
        Map.of(
                        "/api/v1/credentials",
                        "GET, HEAD, OPTIONS, POST",
                        "/api/v1/token",
                        "GET, HEAD, OPTIONS",
                        "/api/v1/credentials/" + UUID.randomUUID(),
                        "DELETE, GET, HEAD, OPTIONS",
                        "/api/v1/credentials/" + UUID.randomUUID() + "/revoke",
                        "OPTIONS, POST",
                        "/api/v1/credentials/" + UUID.randomUUID() + "/token",
                        "GET, HEAD, OPTIONS",
                        "/api/v1/credentials/export",
                        "OPTIONS, POST",
                        "/api/v1/clients/google",
                        "DELETE, GET, HEAD, OPTIONS, PUT")
                .forEach((path, methods) -> assertThat(assertProblem(Api.as(key).patch(path), 405, "method-not-allowed")
                                .header("Allow"))
                        .as(path)
                        .isEqualTo(methods));
    }

    @Test
    void aWrongMediaTypeIsNamed() {
        assertProblem(
                given().header("X-API-Key", key)
                        .contentType("text/plain")
                        .body("x")
                        .post("/api/v1/credentials"),
                415,
                "unsupported-media-type");
        assertProblem(
                given().header("X-API-Key", key)
                        .contentType(ContentType.URLENC)
                        .body("a=b")
                        .post("/api/v1/api-keys"),
                415,
                "unsupported-media-type");
        assertProblem(
                given().header("X-API-Key", key).accept("text/csv").get("/api/v1/credentials"), 406, "not-acceptable");
    }

    static Stream<Arguments> strangers() {
        String live = Api.bootstrapKey();
        return Stream.of(
                Arguments.of("no key", Map.of()),
                Arguments.of("empty", Map.of("X-API-Key", "")),
                Arguments.of("malformed", Map.of("X-API-Key", "nxo_x")),
                Arguments.of("unknown", Map.of("X-API-Key", "nxo_0123456789ab_" + "a".repeat(43) + "_00000000")),
                Arguments.of("cut off", Map.of("X-API-Key", live.substring(1))),
                Arguments.of("too long", Map.of("X-API-Key", live + "x")),
                Arguments.of("other case", Map.of("X-API-Key", live.toUpperCase(java.util.Locale.ROOT))),
                Arguments.of("basic", Map.of("Authorization", "Basic YTpi")),
                Arguments.of("bare", Map.of("Authorization", live)),
                Arguments.of("bearer alone", Map.of("Authorization", "Bearer")),
                Arguments.of("bearer nothing", Map.of("Authorization", "Bearer ")),
                Arguments.of("two", Map.of("Authorization", "Bearer " + live, "X-API-Key", live)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strangers")
    void aStrangerIsTurnedAway(String kind, Map<String, String> headers) {
        for (String path :
                List.of("/api/v1/token?provider=sandbox&user=a", "/api/v1/credentials", "/api/v1/api-keys")) {
            Response response = given().headers(headers).get(path);

            assertProblem(response, 401, "unauthorized");
            assertThat(response.headers().getValues("WWW-Authenticate"))
                    .containsExactly("Bearer realm=\"nexus-oauth\"");
            assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        }
    }

    @Test
    void anExpiredARevokedAndAForgedKeyAreTurnedAway() {
        String expired = Api.key(Api.unique("tenant"), "auditor");
        change("UPDATE api_keys SET expires_at = now() WHERE key_id = $1", expired.split("_")[1]);
        assertProblem(Api.as(expired).get("/api/v1/audit"), 401, "unauthorized");

        String other = Api.unique("tenant");
        String revoked = Api.key(other, "auditor");
        Api.as(revoked).get("/api/v1/audit").then().statusCode(200);
        Api.admin()
                .queryParam("tenant", other)
                .delete("/api/v1/api-keys/" + revoked.split("_")[1])
                .then()
                .statusCode(204);
        assertProblem(Api.as(revoked).get("/api/v1/audit"), 401, "unauthorized");

        String[] one = Api.key(Api.unique("tenant"), "auditor").split("_", 3);
        String[] two = Api.key(Api.unique("tenant"), "auditor").split("_", 3);
        String mixed = "nxo_" + one[1] + "_" + two[2].substring(0, 43);
        assertProblem(Api.as(mixed + "_" + checksum(mixed)).get("/api/v1/audit"), 401, "unauthorized");
        String own = "nxo_" + one[1] + "_" + one[2].substring(0, 43);
        Api.as(own + "_" + checksum(own)).get("/api/v1/audit").then().statusCode(200);
        assertProblem(Api.as(own + "_00000000").get("/api/v1/audit"), 401, "unauthorized");
    }

    @Test
    void aKeyWorksInEitherHeaderAndInAnyCaseOfBearer() {
        for (String scheme : List.of("Bearer ", "bearer ", "BEARER  ")) {
            given().header("Authorization", scheme + key)
                    .get("/api/v1/audit")
                    .then()
                    .statusCode(200);
        }
        Api.as(key).get("/api/v1/audit").then().statusCode(200);
    }

    /** What no HTTP client sends. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/%zz HTTP/1.1",
                "GET /api/v1/credentials?user=%zz HTTP/1.1",
                "GET /connect/%zz HTTP/1.1"
            })
    void brokenEncodingIsAClientsFault(String line) throws IOException {
        int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream()
                    .write((line + "\r\nHost: x\r\nConnection: close\r\nX-API-Key: " + key + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .lines()
                    .reduce("", (a, b) -> a + "\n" + b);
            assertThat(answer).containsPattern("HTTP/1.1 4[0-9][0-9]").doesNotContain("Exception", "\tat ");
        }
    }

    private static Map<String, Object> withoutProvidersClient() {
        Map<String, Object> grant = Api.grant();
        grant.put("provider", "github");
        return grant;
    }

    private Response get(String path) {
        return send(key, "GET " + path);
    }

    static Response send(String key, String route) {
        String[] parts = route.split(" ", 2);
        return given().urlEncodingEnabled(false).header("X-API-Key", key).request(parts[0], parts[1]);
    }

    private static Arguments bad(String field, Object value, String pointer) {
        return Arguments.of(field, value, pointer);
    }

    private static Map<String, Object> map(String name, Object value) {
        Map<String, Object> map = new HashMap<>();
        map.put(name, value);
        return map;
    }

    private static String checksum(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    private long stored() {
        return pool.preparedQuery(STORED)
                .execute(Tuple.of(tenant))
                .map(rows -> rows.iterator().next().getLong("rows"))
                .await()
                .indefinitely();
    }

    private void change(String sql, String id) {
        assertThat(pool.preparedQuery(sql)
                        .execute(Tuple.of(id))
                        .await()
                        .indefinitely()
                        .rowCount())
                .isEqualTo(1);
    }
}
