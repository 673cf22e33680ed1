package io.nexus.oauth.web;

import static io.nexus.oauth.rest.Browser.location;
import static io.nexus.oauth.rest.Browser.parameter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.OidcProviderServer;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** With oidc-provider of npm, whose refresh tokens work once, whose access tokens live for ten seconds, and which demands pushed requests. */
@QuarkusTest
@QuarkusTestResource(value = OidcProviderIT.Server.class, restrictToAnnotatedClass = true)
@EnabledIf("isHere")
class OidcProviderIT implements RunningSchedule {

    private static final int EXPIRIES = 3;

    /** What the class shares with the application, which has class loaders of its own. */
    public static class Server implements QuarkusTestResourceLifecycleManager {

        private OidcProviderServer server;

        @Override
        public Map<String, String> start() {
            server = OidcProviderServer.start();
            return Map.of("nexus.oauth.refresh.confirm-after", "2s");
        }

        @Override
        public void inject(TestInjector injector) {
            injector.injectIntoFields(server, new TestInjector.MatchesType(OidcProviderServer.class));
        }

        @Override
        public void stop() {
            server.close();
        }
    }

    OidcProviderServer server;

    private final Browser browser = new Browser();
    private String key;
    private OidcProviderServer.Client client;

    /** Asked before the application starts: where nothing may be left out, a missing server is a failure. */
    static boolean isHere() {
        boolean here = OidcProviderServer.isHere();
        assertThat(here || !Boolean.getBoolean("nexus.ci"))
                .as("nothing may be left out, and there is no oidc-provider: .ci/run installs it")
                .isTrue();
        if (!here) {
            System.err.println("[WARNING] There is no oidc-provider: OidcProviderIT is left out.");
        }
        return here;
    }

    @BeforeEach
    void ownTenant() {
        key = Api.newTenant();
        client = server.register(Api.publicUrl() + "/callback/oidc");
        register(Map.of("client_secret", client.secret()));
    }

    @Test
    void connectsByAPushedRequestServesThreeExpiriesAndRevokes() {
        connect();

        expire("ada", this::works);

        String id = token("ada").path("credential_id");
        String last = works("ada");
        Api.as(key)
                .post("/api/v1/credentials/" + id + "/revoke")
                .then()
                .statusCode(200)
                .body("at_provider", equalTo("revoked"));
        server.userinfo(last).then().statusCode(401);
    }

    /** The server reads the key set of the client here. */
    @Test
    void aKeyTakesThePlaceOfTheSecret() {
        String keys = register(Map.of("token_endpoint_auth_method", "private_key_jwt"));
        client.change(Map.of("token_endpoint_auth_method", "private_key_jwt", "jwks_uri", keys));

        connect();

        expire("ada", this::works);
        Api.as(key)
                .post("/api/v1/credentials/" + token("ada").path("credential_id") + "/revoke")
                .then()
                .body("at_provider", equalTo("revoked"));
    }

    /** RFC 6749 section 4.4 with RFC 8707. */
    @Test
    void aMachineConnectionServesThreeExpiriesAndEnds() {
        Api.as(key)
                .body(Map.of(
                        "provider", "oidc",
                        "user", "batch",
                        "grant_type", "client_credentials",
                        "scopes", List.of("read"),
                        "resource", List.of("urn:api")))
                .post("/api/v1/credentials")
                .then()
                .statusCode(201);

        expire("batch", user -> {
            Response token = token(user);
            token.then().statusCode(200).body("scope", equalTo("read"));
            return token.path("access_token");
        });

        Api.as(key)
                .post("/api/v1/credentials/" + token("batch").path("credential_id") + "/revoke")
                .then()
                .statusCode(200)
                .body("at_provider", equalTo("revoked"));
        Api.assertProblem(token("batch"), 410, "credential-revoked");
    }

    private void connect() {
        Response session =
                Api.as(key).body(Map.of("provider", "oidc", "user", "ada")).post("/api/v1/connect-sessions");
        session.then().statusCode(201);
        String departure = browser.depart(session.path("url"));
        assertThat(parameter(departure, "request_uri")).startsWith("urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A");
        assertThat(allow(departure).body()).contains("OpenID Connect is connected");
    }

    /** Signs in and allows, as the forms of the server want it; the page to which it redirects. */
    private HttpResponse<String> allow(String departure) {
        String next = departure;
        while (!next.startsWith(Api.publicUrl())) {
            HttpResponse<String> page = browser.get(absolute(next));
            next = page.statusCode() == 200
                    ? location(browser.post(
                            absolute(found("action=\"([^\"]+)\"", page)),
                            Map.of(
                                    "prompt", found("name=\"prompt\" value=\"([^\"]+)\"", page),
                                    "login", "ada",
                                    "password", "any")))
                    : location(page);
        }
        return browser.get(location(browser.get(next)));
    }

    private String absolute(String address) {
        return address.startsWith("/") ? server.issuer() + address : address;
    }

    private static String found(String pattern, HttpResponse<String> page) {
        Matcher matcher = Pattern.compile(pattern).matcher(page.body());
        assertThat(matcher.find()).as(page.body()).isTrue();
        return matcher.group(1);
    }

    private interface Reader {
        String read(String user);
    }

    /** Reads tokens until each has been replaced; each read gets one that works. */
    private static void expire(String user, Reader reader) {
        Set<String> seen = new HashSet<>();
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> seen.add(reader.read(user)) && seen.size() == EXPIRIES + 1);
    }

    private String works(String user) {
        Response token = token(user);
        token.then().statusCode(200);
        String text = token.path("access_token");
        server.userinfo(text).then().statusCode(200).body("sub", equalTo("ada"));
        return text;
    }

    private Response token(String user) {
        return Api.as(key)
                .queryParam("provider", "oidc")
                .queryParam("user", user)
                .get("/api/v1/token");
    }

    /** The address of the client's key set, or null. */
    private String register(Map<String, Object> authentication) {
        Map<String, Object> registration = new HashMap<>(authentication);
        registration.put("client_id", client.id());
        registration.put("scopes", List.of("openid", "email"));
        registration.put("vars", Map.of("issuer_url", server.issuer()));
        return Api.as(key)
                .body(registration)
                .put("/api/v1/clients/oidc")
                .then()
                .statusCode(200)
                .extract()
                .path("jwks_uri");
    }
}
