package io.nexus.oauth.web;

import static io.nexus.oauth.rest.Browser.location;
import static io.nexus.oauth.rest.Browser.parameter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With an authorization server that we did not write, found by discovery. */
@QuarkusTest
@QuarkusTestResource(value = MockOAuth2FlowIT.Server.class, restrictToAnnotatedClass = true)
class MockOAuth2FlowIT implements RunningSchedule {

    /** Asks who signs in, and its access tokens live for six seconds. */
    public static class Server implements QuarkusTestResourceLifecycleManager {

        private MockOAuth2Server server;

        @Override
        public Map<String, String> start() {
            server = new MockOAuth2Server(OAuth2Config.Companion.fromJson("""
                    {"interactiveLogin": true, "rotateRefreshToken": true, "tokenCallbacks": [
                      {"issuerId": "short", "tokenExpiry": 6, "requestMappings": [
                        {"requestParam": "client_id", "match": "*", "claims": {"sub": "mallory"}}]}]}"""));
            server.start();
            return Map.of("mock-oauth2.base", server.baseUrl().toString());
        }

        @Override
        public void stop() {
            server.shutdown();
        }
    }

    private final String base = ConfigProvider.getConfig().getValue("mock-oauth2.base", String.class);
    private final Browser browser = new Browser();
    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.newTenant();
    }

    @Test
    void connectsRefreshesAndRevokes() {
        register("login");
        String link = link();

        String departure = browser.depart(link);
        assertThat(departure).startsWith(base + "login/authorize");
        assertThat(parameter(departure, "scope")).contains("offline_access");
        HttpResponse<String> result = browser.get(location(browser.get(signIn(departure, "alice"))));

        assertThat(result.body()).contains("OpenID Connect is connected");
        Response token = token();
        token.then().statusCode(200).body("token_type", equalTo("Bearer")).body("refresh_state", equalTo("fresh"));
        assertThat(token.<Integer>path("expires_in")).isBetween(3500, 3600);
        String id = token.path("credential_id");
        Response stored = Api.as(key).get("/api/v1/credentials/" + id);
        stored.then().body("account_id", equalTo("alice")).body("refreshable", equalTo(true));

        Response refreshed = Api.as(key).post("/api/v1/credentials/" + id + "/refresh");
        refreshed.then().statusCode(200).body("version", equalTo(2));
        assertThat(token().<String>path("access_token")).isNotEqualTo(token.path("access_token"));

        Api.as(key)
                .post("/api/v1/credentials/" + id + "/revoke")
                .then()
                .statusCode(200)
                .body("at_provider", equalTo("revoked"));
        Api.assertProblem(token(), 410, "credential-revoked");
    }

    @Test
    void aTokenThatEndsIsReplacedBeforeItDoes() {
        register("short");
        String departure = browser.depart(link());
        HttpResponse<String> result = browser.get(location(browser.get(signIn(departure, "bob"))));
        assertThat(result.body()).contains("is connected");
        Response first = token();
        first.then().statusCode(200);

        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    Response next = token();
                    next.then().statusCode(200);
                    assertThat(next.<Integer>path("expires_in")).isPositive();
                    return !next.path("access_token").equals(first.path("access_token"));
                });
    }

    /** The server verifies no signature, but it reads the assertion with a library of its own and takes no secret. */
    @Test
    void connectsAndRefreshesThreeTimesWithAKey() {
        Api.as(key)
                .body(Map.of(
                        "client_id",
                        "nexus",
                        "token_endpoint_auth_method",
                        "private_key_jwt",
                        "scopes",
                        List.of("openid"),
                        "vars",
                        Map.of("issuer_url", base + "login")))
                .put("/api/v1/clients/oidc")
                .then()
                .statusCode(200);
        String departure = browser.depart(link());
        HttpResponse<String> result = browser.get(location(browser.get(signIn(departure, "frank"))));
        assertThat(result.body()).contains("is connected");
        String id = token().path("credential_id");

        for (int version = 2; version <= 4; version++) {
            Api.as(key)
                    .post("/api/v1/credentials/" + id + "/refresh")
                    .then()
                    .statusCode(200)
                    .body("version", equalTo(version));
        }
    }

    @Test
    void aMachineConnectionNeedsNoBrowser() {
        register("short");
        Response created = Api.as(key)
                .body(Map.of(
                        "provider", "oidc",
                        "user", "somebody",
                        "grant_type", "client_credentials",
                        "scopes", List.of("api"),
                        "audience", "orders",
                        "resource", List.of("https://api.example")))
                .post("/api/v1/credentials");
        created.then().statusCode(201).body("grant_type", equalTo("client_credentials"));
        Response first = token();
        first.then().statusCode(200).body("token_type", equalTo("Bearer"));

        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    Response next = token();
                    next.then().statusCode(200);
                    return !next.path("access_token").equals(first.path("access_token"));
                });
        Api.as(key)
                .post("/api/v1/credentials/" + created.path("id") + "/revoke")
                .then()
                .statusCode(200);
        Api.assertProblem(token(), 410, "credential-revoked");
    }

    @Test
    void anotherServersIssuerIsRefused() {
        register("login");
        String callback = signIn(browser.depart(link()), "carol");

        HttpResponse<String> result =
                browser.get(location(browser.get(callback + "&iss=" + Browser.encode(base + "short"))));

        assertThat(result.body()).contains("is not connected", "issuer_mismatch");
        Api.assertProblem(token(), 404, "credential-not-found");
    }

    @Test
    void aSecondPersonAtTheSameServerIsAnotherAccount() {
        register("login");
        browser.get(location(browser.get(signIn(browser.depart(link()), "dave"))));
        Object before = token().path("access_token");

        HttpResponse<String> result = browser.get(location(browser.get(signIn(browser.depart(link()), "erin"))));

        assertThat(result.body()).contains("is not connected", "another account");
        assertThat(token().<Object>path("access_token")).isEqualTo(before);
    }

    @Test
    void aServerThatIsNotThereCannotBeConnected() {
        Api.as(key)
                .body(Map.of("client_id", "nexus", "vars", Map.of("issuer_url", "http://127.0.0.1:1/nobody")))
                .put("/api/v1/clients/oidc")
                .then()
                .statusCode(200);

        HttpResponse<String> start = browser.get(link() + "/start");

        assertThat(start.statusCode()).isEqualTo(503);
        assertThat(start.body()).doesNotContain("127.0.0.1:1", "Exception");
    }

    private void register(String issuer) {
        Api.as(key)
                .body(Map.of(
                        "client_id",
                        "nexus",
                        "client_secret",
                        "secret",
                        "scopes",
                        List.of("openid"),
                        "vars",
                        Map.of("issuer_url", base + issuer)))
                .put("/api/v1/clients/oidc")
                .then()
                .statusCode(200);
    }

    private String link() {
        Response session =
                Api.as(key).body(Map.of("provider", "oidc", "user", "somebody")).post("/api/v1/connect-sessions");
        session.then().statusCode(201);
        return session.path("url");
    }

    private String signIn(String authorization, String person) {
        assertThat(browser.get(authorization).statusCode()).isEqualTo(200);
        return location(browser.post(authorization, Map.of("username", person)));
    }

    private Response token() {
        return Api.as(key)
                .queryParam("provider", "oidc")
                .queryParam("user", "somebody")
                .get("/api/v1/token");
    }
}
