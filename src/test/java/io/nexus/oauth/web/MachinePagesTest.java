package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.client.ClientLimiters;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages for machine connections and for the keys of their clients, over plain HTTP. */
@QuarkusTest
class MachinePagesTest {

    private static final String PAGE = "/ui/machine-connections";

    @Inject
    ClientLimiters limiters;

    private StrictProvider provider;
    private String key;
    private Visitor visitor;

    @BeforeEach
    void ownTenant() {
        provider.reset();
        limiters.forget();
        key = Api.newTenant();
        visitor = Visitor.with(key);
    }

    @Test
    void theFormCreatesAConnectionWithItsFirstToken() {
        assertThat(visitor.get("/ui/credentials").asString()).contains(PAGE);
        assertThat(visitor.get(PAGE + "?provider=strict").asString())
                .contains("<option value=\"strict\" selected>")
                .doesNotContain("value=\"dropbox\""); // it has no client

        Response done = visitor.post(PAGE, form(Map.of("resource", "urn:a urn:b")));

        assertThat(done.statusCode()).as(done.asString()).isEqualTo(303);
        Map<String, Object> stored = Api.as(key).get("/api/v1/credentials").path("items[0]");
        assertThat(stored)
                .containsEntry("grant_type", "client_credentials")
                .containsEntry("user", "nightly")
                .containsEntry("audience", "reports")
                .containsEntry("scopes", List.of("read"))
                .containsEntry("resource", List.of("urn:a", "urn:b"));
        assertThat(done.header("Location")).endsWith("/ui/credentials/" + stored.get("id") + "?done=machine-connected");
        assertThat(visitor.get("/ui/credentials/" + stored.get("id") + "?done=machine-connected")
                        .asString())
                .contains("The machine connection is stored")
                .doesNotContain("at~");
    }

    @Test
    void aWrongFieldIsMarkedAndTheOthersStay() {
        visitor.get(PAGE);

        Response refused = visitor.post(PAGE, form(Map.of("resource", "no-uri", "subject", "ada")));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString())
                .contains("Correct the marked fields", "id=\"resource-fault\"", "id=\"subject-fault\"", "nightly")
                .doesNotContain("id=\"audience-fault\"");
        assertThat(provider.machineRequests()).isEmpty();
    }

    @Test
    void aRefusalOfTheProviderSaysWhatToDo() {
        visitor.get(PAGE);
        provider.next("reports", StrictProvider.error(400, "unauthorized_client"));

        Response refused = visitor.post(PAGE, form(Map.of()));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString()).contains("Nothing was stored.", "Allow client_credentials there", "reports");
        assertThat(Api.as(key).get("/api/v1/credentials").<List<Object>>path("items"))
                .isEmpty();
    }

    @Test
    void theFormOfAClientTakesAPrivateKeyAndNeverShowsIt() throws Exception {
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(KeyPairGenerator.getInstance("RSA")
                                .generateKeyPair()
                                .getPrivate()
                                .getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        visitor.get("/ui/clients/signed");
        Map<String, String> form = new HashMap<>(Map.of(
                "client_id", StrictProvider.CLIENT,
                "token_endpoint_auth_method", "private_key_jwt",
                "token_endpoint_auth_signing_alg", "PS256",
                "assertion_audience", "token_endpoint",
                "private_key_id", "mine",
                "private_key", "not-a-key-canary"));

        Response refused = visitor.post("/ui/clients/signed", form);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString())
                .contains("id=\"private_key-fault\"", "value=\"mine\"", "<option selected>PS256</option>")
                .doesNotContain("not-a-key-canary");

        form.put("private_key", pem);
        form.put("token_endpoint_auth_signing_alg", "RS256");
        Response done = visitor.post("/ui/clients/signed", form);
        assertThat(done.statusCode()).as(done.asString()).isEqualTo(303);
        Api.as(key)
                .get("/api/v1/clients/signed")
                .then()
                .body("token_endpoint_auth_signing_alg", equalTo("RS256"))
                .body("assertion_audience", equalTo("token_endpoint"))
                .body("keys[0].kid", equalTo("mine"))
                .body("keys[0].brought", equalTo(true));
        assertThat(visitor.get("/ui/clients/signed").asString())
                .contains("<option value=\"token_endpoint\" selected>", "mine")
                .doesNotContain("PRIVATE KEY");
    }

    private static Map<String, String> form(Map<String, String> values) {
        Map<String, String> form = new HashMap<>(Map.of(
                "provider", "strict",
                "user", "nightly",
                "grant_type", "client_credentials",
                "scopes", "read",
                "audience", "reports"));
        form.putAll(values);
        return form;
    }
}
