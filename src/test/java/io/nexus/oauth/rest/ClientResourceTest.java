package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.provider.ScriptedServer;
import io.nexus.oauth.provider.assertion.ClientKeyTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ClientResourceTest {

    @Inject
    Pool pool;

    private final String tenant = Api.unique("tenant");
    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.key(tenant, Api.ALL_ROLES);
    }

    @Test
    void aClientWithoutARequiredVariableIsRefused() {
        Response missing = Api.as(key).body(Map.of("client_id", "mine")).put("/api/v1/clients/oidc");
        Response unknown = Api.as(key)
                .body(Map.of("client_id", "mine", "vars", Map.of("hots", "x.ghe.com")))
                .put("/api/v1/clients/github");

        Api.assertProblem(missing, 400, "invalid-request");
        assertThat(missing.<String>path("errors[0].pointer")).isEqualTo("/vars/issuer_url");
        assertThat(missing.<String>path("errors[0].detail")).startsWith("is required");
        Api.assertProblem(unknown, 400, "invalid-request");
        assertThat(unknown.<String>path("errors[0].detail")).contains("host", "api_host");
        Api.as(key).get("/api/v1/clients/oidc").then().statusCode(404);
    }

    @Test
    void aSecretGoesInAndNeverComesOut() {
        Map<String, Object> client = new HashMap<>(Map.of(
                "client_id",
                "mine",
                "client_secret",
                "canary-secret",
                "scopes",
                List.of("repo"),
                "vars",
                Map.of("host", "acme.ghe.com")));

        Response saved = Api.as(key).body(client).put("/api/v1/clients/github");
        Response listed = Api.as(key).get("/api/v1/clients");
        Response got = Api.as(key).get("/api/v1/clients/github");

        for (Response response : List.of(saved, listed, got)) {
            response.then().statusCode(200);
            assertThat(response.asString()).doesNotContain("canary");
        }
        got.then()
                .body("client_id", equalTo("mine"))
                .body("has_secret", equalTo(true))
                .body("has_second_secret", equalTo(false))
                .body("scopes", equalTo(List.of("repo")))
                .body("vars.host", equalTo("acme.ghe.com"))
                .body("redirect_uri", equalTo(Api.publicUrl() + "/callback/github"));
        assertThat(listed.<List<String>>path("items.provider")).containsExactly("github");
        assertThat(stored()).isNotBlank().doesNotContain("canary");
    }

    @Test
    void anOmittedSecretIsKeptForTheSameClientOnly() {
        Api.as(key).body(Map.of("client_id", "mine", "client_secret", "canary")).put("/api/v1/clients/github");
        String before = stored();

        Api.as(key)
                .body(Map.of("client_id", "mine", "scopes", List.of("gist")))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200)
                .body("has_secret", equalTo(true))
                .body("scopes", equalTo(List.of("gist")));
        assertThat(stored()).isEqualTo(before);

        Api.as(key)
                .body(Map.of("client_id", "another"))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200)
                .body("has_secret", equalTo(false));
    }

    /** Some servers forbid {@code offline_access}, which the catalogue always requests. */
    @Test
    void aBaseScopeCanBeLeftOut() {
        Map<String, Object> client = new HashMap<>(Map.of(
                "client_id",
                "mine",
                "scopes",
                List.of("openid"),
                "vars",
                Map.of("base", Api.publicUrl() + "/sandbox")));
        Api.as(key).body(client).put("/api/v1/clients/sandbox").then().body("omitted_scopes", equalTo(List.of()));
        assertThat(requestedScopes()).contains("openid", "offline_access");

        client.put("omitted_scopes", List.of("offline_access"));
        Api.as(key)
                .body(client)
                .put("/api/v1/clients/sandbox")
                .then()
                .statusCode(200)
                .body("omitted_scopes", equalTo(List.of("offline_access")));
        Api.as(key).get("/api/v1/clients/sandbox").then().body("omitted_scopes", equalTo(List.of("offline_access")));
        assertThat(requestedScopes()).contains("openid").doesNotContain("offline_access");

        client.put("omitted_scopes", List.of("openid"));
        Response refused = Api.as(key).body(client).put("/api/v1/clients/sandbox");
        Api.assertProblem(refused, 400, "invalid-request");
        assertThat(refused.<List<String>>path("errors.pointer")).containsExactly("/omitted_scopes");
        assertThat(refused.<String>path("errors[0].detail")).contains("base scopes", "offline_access");

        client.put("omitted_scopes", List.of("offline_access"));
        client.put("scopes", List.of("openid", "offline_access"));
        Response both = Api.as(key).body(client).put("/api/v1/clients/sandbox");
        Api.assertProblem(both, 400, "invalid-request");
        assertThat(both.<List<String>>path("errors.pointer")).containsExactly("/omitted_scopes");
        assertThat(both.<String>path("errors[0].detail")).contains("which is requested: offline_access");

        // a PUT replaces the whole client
        client.remove("omitted_scopes");
        Api.as(key).body(client).put("/api/v1/clients/sandbox").then().body("omitted_scopes", equalTo(List.of()));
    }

    private String requestedScopes() {
        String link = Api.as(key)
                .body(Map.of("provider", "sandbox", "user", Api.unique("user")))
                .post("/api/v1/connect-sessions")
                .path("url");
        return Browser.parameter(new Browser().depart(link), "scope");
    }

    @Test
    void anAuthenticationThatCannotBeIsRefusedAtOnce() {
        String pem = ClientKeyTest.pem("rsa");
        Map<Map<String, Object>, String> wrong = new HashMap<>();
        wrong.put(
                Map.of("token_endpoint_auth_method", "tls_client"),
                "/token_endpoint_auth_method private_key_jwt, tls_client_auth, self_signed_tls_client_auth, none");
        wrong.put(
                Map.of("token_endpoint_auth_method", "tls_client_auth", "private_key", "canary"),
                "/private_key must be a private key");
        wrong.put(
                Map.of("token_endpoint_auth_method", "tls_client_auth", "private_key", pem),
                "/private_key comes without a certificate");
        wrong.put(
                Map.of(
                        "token_endpoint_auth_method",
                        "self_signed_tls_client_auth",
                        "private_key",
                        ClientKeyTest.pem("p256") + ClientKeyTest.pem("certificate")),
                "/private_key does not belong to the certificate");
        wrong.put(
                Map.of(
                        "token_endpoint_auth_method",
                        "tls_client_auth",
                        "private_key",
                        pem + ClientKeyTest.pem("certificate").repeat(6)),
                "/private_key has 6 certificates");
        wrong.put(
                Map.of(
                        "token_endpoint_auth_method",
                        "tls_client_auth",
                        "private_key",
                        pem + ClientKeyTest.pem("certificate-ended")),
                "/private_key ended at 2020-01-02");
        wrong.put(
                Map.of(
                        "token_endpoint_auth_method",
                        "tls_client_auth",
                        "private_key",
                        pem + ClientKeyTest.pem("certificate-later")),
                "/private_key not valid yet");
        wrong.put(
                Map.of("token_endpoint_auth_method", "tls_client_auth", "client_secret", "canary"),
                "/client_secret tls_client_auth");
        wrong.put(
                Map.of("token_endpoint_auth_method", "tls_client_auth", "token_endpoint_auth_signing_alg", "RS256"),
                "/token_endpoint_auth_signing_alg private_key_jwt");
        wrong.put(
                Map.of("token_endpoint_auth_method", "private_key_jwt", "token_endpoint_auth_signing_alg", "HS256"),
                "/token_endpoint_auth_signing_alg RS256, PS256, ES256");
        wrong.put(
                Map.of("token_endpoint_auth_signing_alg", "ES256"), "/token_endpoint_auth_signing_alg private_key_jwt");
        wrong.put(Map.of("private_key", pem), "/private_key private_key_jwt");
        wrong.put(Map.of("assertion_audience", "issuer"), "/assertion_audience private_key_jwt");
        wrong.put(
                Map.of("token_endpoint_auth_method", "private_key_jwt", "assertion_audience", "me"),
                "/assertion_audience issuer or token_endpoint");
        wrong.put(
                Map.of("token_endpoint_auth_method", "private_key_jwt", "private_key", ClientKeyTest.pem("rsa1024")),
                "/private_key 1024 bits");
        wrong.put(
                Map.of("token_endpoint_auth_method", "private_key_jwt", "private_key", "canary"),
                "/private_key must be a private key");
        wrong.put(
                Map.of("token_endpoint_auth_method", "client_secret_jwt", "client_secret", "canary"),
                "/client_secret 32 characters");
        wrong.put(Map.of("token_endpoint_auth_method", "none", "client_secret", "canary"), "/client_secret none");
        wrong.forEach((fields, refusal) -> {
            Map<String, Object> client = new HashMap<>(fields);
            client.put("client_id", "mine");
            Response refused = Api.as(key).body(client).put("/api/v1/clients/github");

            Api.assertProblem(refused, 400, "invalid-request");
            String[] parts = refusal.split(" ", 2);
            assertThat(refused.<List<String>>path("errors.pointer")).as(refusal).containsExactly(parts[0]);
            assertThat(refused.<String>path("errors[0].detail"))
                    .contains(parts[1])
                    .doesNotContain("canary");
        });
        Api.as(key).get("/api/v1/clients/github").then().statusCode(404);
    }

    @Test
    void aKeyGoesInAndNeverComesOut() {
        Map<String, Object> client = new HashMap<>(Map.of(
                "client_id",
                "mine",
                "token_endpoint_auth_method",
                "private_key_jwt",
                "private_key",
                ClientKeyTest.pem("rsa")));

        Response saved = Api.as(key).body(client).put("/api/v1/clients/github");
        saved.then()
                .statusCode(200)
                .body("token_endpoint_auth_method", equalTo("private_key_jwt"))
                .body("keys.state", equalTo(List.of("current")))
                .body("keys.alg", equalTo(List.of("RS256")));
        String path = saved.<String>path("jwks_uri").substring(Api.publicUrl().length());
        Response published = RestAssured.given().get(path);

        published.then().statusCode(200).contentType("application/jwk-set+json");
        assertThat(published.header("Cache-Control")).contains("max-age=300");
        assertThat(published.<List<String>>path("keys.kid")).isEqualTo(saved.path("keys.kid"));
        assertThat(published.<Map<String, Object>>path("keys[0]"))
                .containsOnlyKeys("kty", "n", "e", "kid", "use", "alg");
        for (Response response :
                List.of(saved, Api.as(key).get("/api/v1/clients"), Api.as(key).get("/api/v1/clients/github"))) {
            assertThat(response.asString()).doesNotContain("PRIVATE", "\"d\"", "\"p\"");
        }
        assertThat(path).doesNotContain(tenant, "github");
        // the same registration keeps key and address; another method ends both
        client.remove("private_key");
        Response kept = Api.as(key).body(client).put("/api/v1/clients/github");
        assertThat(kept.<Object>path("keys")).isEqualTo(saved.path("keys"));
        assertThat(kept.<String>path("jwks_uri")).isEqualTo(saved.path("jwks_uri"));
        client.put("vars", Map.of("host", "acme.ghe.com"));
        Api.assertProblem(Api.as(key).body(client).put("/api/v1/clients/github"), 409, "conflict");
        client.remove("token_endpoint_auth_method");
        Api.as(key).body(client).put("/api/v1/clients/github").then().body("keys", equalTo(List.of()));
        RestAssured.given().get(path).then().statusCode(200).body("keys", equalTo(List.of()));
        Api.as(key).delete("/api/v1/clients/github");
        for (String gone : List.of(path, "/jwks/" + UUID.randomUUID(), "/jwks/x", "/jwks/" + "a".repeat(5_000))) {
            RestAssured.given().get(gone).then().statusCode(404);
        }
    }

    @Test
    void aCertificateGoesInAndOnlyItsNameComesOut() {
        Map<String, Object> client =
                new HashMap<>(Map.of("client_id", "mine", "token_endpoint_auth_method", "tls_client_auth"));
        Response refused = Api.as(key).body(client).put("/api/v1/clients/github");
        Api.assertProblem(refused, 409, "conflict");
        assertThat(refused.<String>path("detail")).contains("tls_client_auth needs a certificate");
        client.put("private_key", ClientKeyTest.pem("rsa") + ClientKeyTest.pem("certificate"));

        Response saved = Api.as(key).body(client).put("/api/v1/clients/github");

        saved.then()
                .statusCode(200)
                .body("has_secret", equalTo(false))
                .body("token_endpoint_auth_method", equalTo("tls_client_auth"))
                .body("keys.brought", equalTo(List.of(true)))
                .body("keys[0].certificate.subject", equalTo("CN=nexus"))
                .body(
                        "keys[0].certificate.sha256",
                        equalTo("95cb1538b3ab7e0349c69d0dfbe3011c825b67d01668e0bfd58154c1396191dd"))
                .body("keys[0].certificate.not_after", equalTo("2126-11-07T01:05:07Z"));
        assertThat(saved.asString()).doesNotContain("PRIVATE", "\"d\"", "\"p\"");
        client.remove("private_key");
        Response kept = Api.as(key).body(client).put("/api/v1/clients/github");
        assertThat(kept.<Object>path("keys")).isEqualTo(saved.path("keys"));
        // the next certificate: the present one is tried for a day more
        client.put("private_key", ClientKeyTest.pem("rsa") + ClientKeyTest.pem("certificate-next"));
        Api.as(key)
                .body(client)
                .put("/api/v1/clients/github")
                .then()
                .body("keys.state", equalTo(List.of("previous", "current")));
    }

    /** A secret that is not used any more is not kept, and a method that needs one is not stored without. */
    @Test
    void theMethodDecidesWhetherASecretIsKept() {
        Map<String, Object> client = new HashMap<>(Map.of("client_id", "mine", "client_secret", "its secret"));
        Api.as(key).body(client).put("/api/v1/clients/github").then().body("has_secret", equalTo(true));
        client.remove("client_secret");
        client.put("token_endpoint_auth_method", "client_secret_basic_raw");
        Api.as(key).body(client).put("/api/v1/clients/github").then().body("has_secret", equalTo(true));
        for (String method : List.of("private_key_jwt", "none")) {
            client.put("token_endpoint_auth_method", method);
            Api.as(key).body(client).put("/api/v1/clients/github").then().body("has_secret", equalTo(false));
        }
        client.put("token_endpoint_auth_method", "client_secret_post");

        Response refused = Api.as(key).body(client).put("/api/v1/clients/github");

        Api.assertProblem(refused, 409, "conflict");
        assertThat(refused.<String>path("detail")).contains("client_secret_post", "send client_secret");
    }

    @Test
    void aMadeKeyBelongsToItsVariables() {
        Map<String, Object> client =
                new HashMap<>(Map.of("client_id", "mine", "token_endpoint_auth_method", "private_key_jwt"));
        String first = Api.as(key).body(client).put("/api/v1/clients/github").path("keys[0].kid");
        client.put("vars", Map.of("host", "acme.ghe.com"));

        Response moved = Api.as(key).body(client).put("/api/v1/clients/github");

        moved.then().statusCode(200);
        assertThat(moved.<List<String>>path("keys.kid")).hasSize(1).doesNotContain(first);
    }

    @Test
    void aMethodThatTheMetadataDoesNotOfferIsRefused() throws IOException {
        try (ScriptedServer server = new ScriptedServer()) {
            server.at(
                    "/.well-known/openid-configuration",
                    ScriptedServer.json(
                            200,
                            ("{\"issuer\":\"%1$s\",\"token_endpoint\":\"%1$s/t\","
                                            + "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\",\"private_key_jwt\"],"
                                            + "\"token_endpoint_auth_signing_alg_values_supported\":[\"ES256\"]}")
                                    .formatted(server.url())));
            Map<String, Object> client =
                    new HashMap<>(Map.of("client_id", "mine", "vars", Map.of("issuer_url", server.url())));

            client.put("token_endpoint_auth_method", "client_secret_basic");
            Response method = Api.as(key).body(client).put("/api/v1/clients/oidc");
            client.put("token_endpoint_auth_method", "private_key_jwt");
            Response algorithm = Api.as(key).body(client).put("/api/v1/clients/oidc");
            client.put("token_endpoint_auth_signing_alg", "ES256");

            Api.assertProblem(method, 400, "invalid-request");
            assertThat(method.<String>path("errors[0].pointer")).isEqualTo("/token_endpoint_auth_method");
            assertThat(method.<String>path("errors[0].detail"))
                    .contains("it offers client_secret_post, private_key_jwt");
            assertThat(algorithm.<String>path("errors[0].pointer")).isEqualTo("/token_endpoint_auth_signing_alg");
            assertThat(algorithm.<String>path("errors[0].detail")).contains("it offers ES256");
            Api.as(key).body(client).put("/api/v1/clients/oidc").then().statusCode(200);
        }
    }

    /** A pattern with a repeated group needs a stack frame for each repetition. */
    @Test
    void whatATenantRegistersIsBounded() {
        String base = "https://as.example";
        Map<String, Object> longest =
                Map.of("client_id", "mine", "vars", Map.of("issuer_url", base + "/a".repeat(1_015)));
        Api.as(key).body(longest).put("/api/v1/clients/oidc").then().statusCode(200);

        Map.of(
                        "/vars/issuer_url",
                        Map.of("vars", Map.of("issuer_url", base + "/a".repeat(20_000))),
                        "/redirect_uri",
                        Map.of("redirect_uri", base + "/a".repeat(20_000)),
                        "/scopes",
                        Map.of("scopes", List.of("s".repeat(5_000))))
                .forEach((pointer, more) -> {
                    Map<String, Object> wish = new HashMap<>(longest);
                    wish.putAll(more);
                    Response refused = Api.as(key).body(wish).put("/api/v1/clients/oidc");

                    Api.assertProblem(refused, 400, "invalid-request");
                    assertThat(refused.<List<String>>path("errors.pointer")).containsExactly(pointer);
                    assertThat(refused.asString()).contains(" characters").doesNotContain("/a/a/a", "sss");
                });
    }

    @Test
    void aStoredSecretStaysWithItsVariables() {
        Map<String, Object> elsewhere = Map.of("client_id", "mine", "vars", Map.of("host", "acme.ghe.com"));
        Api.as(key)
                .body(Map.of("client_id", "mine", "client_secret", "canary"))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200);
        String before = stored();

        Response refused = Api.as(key).body(elsewhere).put("/api/v1/clients/github");

        Api.assertProblem(refused, 409, "conflict");
        assertThat(refused.<String>path("detail")).contains("client_secret", "vars");
        assertThat(stored()).isEqualTo(before);
        assertThat(Api.as(key).get("/api/v1/clients/github").<Map<String, String>>path("vars"))
                .isEmpty();

        Map<String, Object> whole = new HashMap<>(elsewhere);
        whole.put("client_secret", "canary");
        Api.as(key)
                .body(whole)
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200)
                .body("vars.host", equalTo("acme.ghe.com"));
    }

    /** The operator reads both values when the client is registered, and not in the log of the first failed connect. */
    @Test
    void anIssuerThatDiffersByAFinalSlashIsRefused() throws IOException {
        try (ScriptedServer server = new ScriptedServer()) {
            server.at(
                    "/.well-known/openid-configuration",
                    ScriptedServer.json(
                            200, "{\"issuer\":\"%1$s/\",\"token_endpoint\":\"%1$s/t\"}".formatted(server.url())));

            Response refused = registerOidc(server.url());

            Api.assertProblem(refused, 400, "invalid-request");
            assertThat(refused.asString())
                    .contains("/vars", "the issuer " + server.url() + "/ and not " + server.url() + ";");
            Api.as(key).get("/api/v1/clients/oidc").then().statusCode(404);
            registerOidc(server.url() + "/").then().statusCode(200);
        }
    }

    @Test
    void anIssuerWithoutMetadataIsRefused() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(404, "{}"))) {
            Response refused = registerOidc(server.url() + "/realms/missing");

            Api.assertProblem(refused, 400, "invalid-request");
            assertThat(refused.<String>path("errors[0].pointer")).isEqualTo("/vars");
            assertThat(refused.<String>path("errors[0].detail")).contains("metadata_not_found");
            Api.as(key).get("/api/v1/clients/oidc").then().statusCode(404);
        }
    }

    @Test
    void aProviderThatIsAwayIsRegistered() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reset())) {
            registerOidc(server.url()).then().statusCode(200);
        }
    }

    private Response registerOidc(String issuer) {
        return Api.as(key)
                .body(Map.of("client_id", "mine", "vars", Map.of("issuer_url", issuer)))
                .put("/api/v1/clients/oidc");
    }

    @Test
    void aSecondSecretLivesAsLongAsTheFirst() {
        Map<String, Object> both =
                Map.of("client_id", "mine", "client_secret", "canary-1", "second_client_secret", "canary-2");
        Map<String, Object> neither = Map.of("client_id", "mine", "scopes", List.of("gist"));
        Map<String, Object> first = Map.of("client_id", "mine", "client_secret", "canary-2");

        for (Map<String, Object> client : List.of(both, neither)) {
            Response saved = Api.as(key).body(client).put("/api/v1/clients/github");
            saved.then().statusCode(200).body("has_secret", equalTo(true)).body("has_second_secret", equalTo(true));
            assertThat(saved.asString()).doesNotContain("canary");
        }
        Api.as(key)
                .body(first)
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200)
                .body("has_second_secret", equalTo(false));
        // it comes to the first without the first being said again
        Api.as(key)
                .body(Map.of("client_id", "mine", "second_client_secret", "canary-3"))
                .put("/api/v1/clients/github")
                .then()
                .body("has_secret", equalTo(true))
                .body("has_second_secret", equalTo(true));
        Api.as(key)
                .body(Map.of("client_id", "another"))
                .put("/api/v1/clients/github")
                .then()
                .body("has_second_secret", equalTo(false));
    }

    @Test
    void aForgottenClientIsGone() {
        Api.as(key)
                .body(Map.of("client_id", "mine"))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200);

        Api.as(key).delete("/api/v1/clients/github").then().statusCode(204);

        Api.assertProblem(Api.as(key).delete("/api/v1/clients/github"), 404, "not-found");
        Api.assertProblem(Api.as(key).get("/api/v1/clients/github"), 404, "not-found");
        Api.assertProblem(
                Api.as(key).body(Map.of("provider", "github", "user", "a")).post("/api/v1/connect-sessions"),
                502,
                "provider-misconfigured");
    }

    @Test
    void aRegistrationByRestWinsOverTheConfiguredOne() {
        Api.as(key)
                .body(Map.of(
                        "client_id", "mine",
                        "redirect_uri", "https://app.example/callback/sandbox",
                        "vars", Map.of("base", Api.publicUrl() + "/sandbox")))
                .put("/api/v1/clients/sandbox")
                .then()
                .statusCode(200);

        String link = Api.as(key)
                .body(Map.of("provider", "sandbox", "user", "a"))
                .post("/api/v1/connect-sessions")
                .path("url");
        String departure = new Browser().depart(link);

        assertThat(Browser.parameter(departure, "client_id")).isEqualTo("mine");
        assertThat(Browser.parameter(departure, "redirect_uri"))
                .isEqualTo(Browser.encode("https://app.example/callback/sandbox"));
    }

    private String stored() {
        return pool.preparedQuery("SELECT encrypted_client_secret AS secret FROM oauth_clients WHERE tenant_id = $1")
                .execute(Tuple.of(tenant))
                .map(rows -> rows.iterator().next().getString("secret"))
                .await()
                .indefinitely();
    }
}
