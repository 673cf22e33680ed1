package io.nexus.oauth.web;

import static io.nexus.oauth.rest.Browser.location;
import static io.nexus.oauth.rest.Browser.parameter;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.KeycloakServer;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With Keycloak, whose refresh tokens work once and whose access tokens live for ten seconds. */
@QuarkusTest
@QuarkusTestResource(value = KeycloakIT.Server.class, restrictToAnnotatedClass = true)
@EnabledIf("isHere")
class KeycloakIT implements RunningSchedule {

    private static final String REALM = "company";
    private static final String SECRET = "first secret & more+%";
    private static final int LIFETIME = 10;

    /** What the class shares with the application, which has class loaders of its own. */
    public static class Server implements QuarkusTestResourceLifecycleManager {

        private KeycloakServer server;

        @Override
        public Map<String, String> start() {
            server = KeycloakServer.start(KeycloakServer.distribution().orElseThrow());
            server.realm(Map.of(
                    "realm",
                    REALM,
                    "enabled",
                    true,
                    "sslRequired",
                    "none",
                    "accessTokenLifespan",
                    LIFETIME,
                    "revokeRefreshToken",
                    true,
                    "refreshTokenMaxReuse",
                    0));
            String issuer = "nexus.oauth.access.issuers.keycloak.";
            Map<String, String> settings = new HashMap<>(Map.of(
                    "nexus.oauth.refresh.confirm-after",
                    "2s",
                    issuer + "issuer",
                    server.base() + "/realms/" + REALM,
                    issuer + "audience",
                    "nexus-oauth",
                    issuer + "tenant",
                    "people",
                    issuer + "roles-claim",
                    "/resource_access/nexus-oauth/roles",
                    issuer + "roles.auditor",
                    "oauth-auditors",
                    issuer + "sign-in.client-id",
                    "nexus-pages",
                    issuer + "sign-in.issuer-logout",
                    "true"));
            settings.put(issuer + "subject-tokens.user-claim", "email");
            settings.put("keycloak-it.machines", "machines-" + UUID.randomUUID());
            // the extension does not encode a secret for the header, so this one needs no encoding (RFC 6749 section
            // 2.3.1)
            extension(settings, "by-secret", Map.of("secret", "plain"), Map.of("secret", "plain"));
            KeyPair key = keyPair();
            extension(
                    settings,
                    "by-key",
                    Map.of(
                            "clientAuthenticatorType",
                            "client-jwt",
                            "attributes",
                            Map.of("jwt.credential.public.key", text(key.getPublic()))),
                    Map.of("jwt.key", text(key.getPrivate()), "jwt.audience", server.base() + "/realms/" + REALM));
            return settings;
        }

        /** A client at Keycloak, the client of the Quarkus OIDC client for it, and its connection. */
        private void extension(
                Map<String, String> settings, String id, Map<String, Object> there, Map<String, String> credentials) {
            Map<String, Object> client = new HashMap<>(there);
            client.putAll(Map.of("clientId", id, "serviceAccountsEnabled", true, "standardFlowEnabled", false));
            server.client(REALM, client);
            String at = "quarkus.oidc-client." + id + ".";
            settings.put(at + "auth-server-url", server.base() + "/realms/" + REALM);
            settings.put(at + "client-id", id);
            settings.put(at + "scopes", "openid");
            credentials.forEach((name, value) -> settings.put(at + "credentials." + name, value));
            String connection = "nexus.oauth.connections." + id + ".";
            settings.put(connection + "provider", "keycloak");
            settings.put(connection + "user", id);
            settings.put(connection + "tenant", settings.get("keycloak-it.machines"));
            settings.put(connection + "oidc-client", id);
        }

        private static KeyPair keyPair() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
                return generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private static String text(Key key) {
            return Base64.getEncoder().encodeToString(key.getEncoded());
        }

        @Override
        public void inject(TestInjector injector) {
            injector.injectIntoFields(server, new TestInjector.MatchesType(KeycloakServer.class));
        }

        @Override
        public void stop() {
            server.close();
        }
    }

    KeycloakServer keycloak;

    private final Browser browser = new Browser();
    private final String client = Api.unique("client");
    private final String person = Api.unique("alice");
    private String key;

    /** Asked before the application starts: where nothing may be left out, a missing distribution is a failure. */
    static boolean isHere() {
        Optional<Path> found = KeycloakServer.distribution();
        assertThat(found.isPresent() || !Boolean.getBoolean("nexus.ci"))
                .as("nothing may be left out, and there is no Keycloak: .ci/run unpacks it")
                .isTrue();
        if (found.isEmpty()) {
            System.err.println("[WARNING] There is no Keycloak: KeycloakIT is left out.");
        }
        return found.isPresent();
    }

    @BeforeEach
    void ownTenant() {
        key = Api.newTenant();
        keycloak.client(
                REALM,
                Map.of(
                        "clientId",
                        client,
                        "secret",
                        SECRET,
                        "redirectUris",
                        List.of(Api.publicUrl() + "/callback/keycloak"),
                        "serviceAccountsEnabled",
                        true));
        keycloak.user(REALM, person);
        register(SECRET);
    }

    @Test
    void connectsServesThreeExpiriesAndRevokes() {
        connect();

        Set<String> seen = new HashSet<>();
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    String token = works(token());
                    return seen.add(token) && seen.size() == 4;
                });

        String id = token().path("credential_id");
        String last = token().path("access_token");
        Api.as(key)
                .post("/api/v1/credentials/" + id + "/revoke")
                .then()
                .statusCode(200)
                .body("at_provider", equalTo("revoked"));
        Api.assertProblem(token(), 410, "credential-revoked");
        keycloak.userinfo(REALM, last).then().statusCode(401);
    }

    @Test
    void aSecretIsReplacedWithoutAFailedRead() {
        connect();
        Response before = token();
        Api.as(key)
                .body(registration(Map.of("client_secret", SECRET, "second_client_secret", "second secret")))
                .put("/api/v1/clients/keycloak")
                .then()
                .statusCode(200);
        keycloak.changeClient(REALM, client, Map.of("secret", "second secret"));

        servesOneMoreExpiry(before.path("version"));
        Api.as(key)
                .body(registration(Map.of("client_secret", "second secret")))
                .put("/api/v1/clients/keycloak")
                .then()
                .statusCode(200);
        servesOneMoreExpiry(token().path("version"));
    }

    /** Reads the token until it is a newer one; each read gets a token that works. */
    private void servesOneMoreExpiry(int version) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    Response token = token();
                    works(token);
                    return token.<Integer>path("version") > version;
                });
    }

    @Test
    void aMachineConnectionServesThreeExpiriesAndEnds() {
        machineConnection();

        Set<String> seen = new HashSet<>();
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> seen.add(machineToken()) && seen.size() == 4);

        Api.as(key)
                .post("/api/v1/credentials/" + token("batch").path("credential_id") + "/revoke")
                .then()
                .statusCode(200);
        Api.assertProblem(token("batch"), 410, "credential-revoked");
    }

    /** The Quarkus OIDC client gets the tokens, with a secret and with a key ({@code private_key_jwt}). */
    @ParameterizedTest
    @ValueSource(strings = {"by-secret", "by-key"})
    void aClientOfTheExtensionServesThreeExpiriesAndEnds(String id) {
        key = Api.key(
                ConfigProvider.getConfig().getValue("keycloak-it.machines", String.class), "token-reader", "connector");
        await().atMost(Duration.ofSeconds(60)).until(() -> token(id).statusCode() == 200);
        Set<String> seen = new HashSet<>();
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    Response token = token(id);
                    token.then().statusCode(200);
                    keycloak.userinfo(REALM, token.path("access_token"))
                            .then()
                            .statusCode(200)
                            .body("preferred_username", equalTo("service-account-" + id));
                    return seen.add(token.path("access_token")) && seen.size() == 4;
                });

        Response last = token(id);
        Api.as(key)
                .post("/api/v1/credentials/" + last.path("credential_id") + "/revoke")
                .then()
                .statusCode(200)
                .body("at_provider", equalTo("revoked"));
        Api.assertProblem(token(id), 410, "credential-revoked");
        keycloak.userinfo(REALM, last.path("access_token")).then().statusCode(401);
    }

    @Test
    void aClientAuthenticatesWithItsKey() {
        Map<String, Object> settings = registration(Map.of("token_endpoint_auth_method", "private_key_jwt"));
        String keys = Api.as(key)
                .body(settings)
                .put("/api/v1/clients/keycloak")
                .then()
                .statusCode(200)
                .extract()
                .path("jwks_uri");
        keycloak.changeClient(
                REALM,
                client,
                Map.of(
                        "clientAuthenticatorType",
                        "client-jwt",
                        "attributes",
                        Map.of("use.jwks.url", "true", "jwks.url", keys)));

        machineConnection();
        assertThat(machineToken()).isNotEmpty();
        connect();
        Response first = token();
        works(first);
        servesOneMoreExpiry(first.path("version"));
        Api.as(key)
                .body(Map.of("compromised", true))
                .post("/api/v1/clients/keycloak/keys")
                .then()
                .statusCode(200);
        servesOneMoreExpiry(token().path("version"));
        Api.as(key)
                .post("/api/v1/credentials/" + first.path("credential_id") + "/revoke")
                .then()
                .statusCode(200)
                .body("at_provider", equalTo("revoked"));
    }

    private void machineConnection() {
        Api.as(key)
                .body(Map.of(
                        "provider",
                        "keycloak",
                        "user",
                        "batch",
                        "grant_type",
                        "client_credentials",
                        "scopes",
                        List.of("openid")))
                .post("/api/v1/credentials")
                .then()
                .statusCode(201)
                .body("grant_type", equalTo("client_credentials"));
    }

    /** A token of the client itself, which works. */
    private String machineToken() {
        Response token = token("batch");
        token.then().statusCode(200);
        keycloak.userinfo(REALM, token.path("access_token"))
                .then()
                .statusCode(200)
                .body("preferred_username", equalTo("service-account-" + client));
        return token.path("access_token");
    }

    @Test
    void aGrantThatItsPersonEndedNeedsThatPerson() {
        connect();
        keycloak.endGrants(REALM, person, client);

        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> token().statusCode() == 409);
        Api.assertProblem(token(), 409, "reauthorization-required");
    }

    /** With the defaults of Keycloak: it puts the role and the audience of its client into the access token, and into nothing else. */
    @Test
    void signsAPersonInAndOut() {
        keycloak.client(REALM, Map.of("clientId", "nexus-oauth", "standardFlowEnabled", false));
        keycloak.client(
                REALM,
                Map.of(
                        "clientId",
                        "nexus-pages",
                        "publicClient",
                        true,
                        "redirectUris",
                        List.of(Api.publicUrl() + "/ui/signed-in/keycloak"),
                        "attributes",
                        Map.of("post.logout.redirect.uris", Api.publicUrl() + "/ui/signed-out/keycloak")));
        keycloak.role(REALM, "nexus-oauth", "oauth-auditors", person);
        String signIn = Api.publicUrl() + "/ui/sign-in/keycloak";

        HttpResponse<String> answer = browser.post(
                signInForm(browser.get(location(browser.get(signIn)))), Map.of("username", person, "password", person));
        assertThat(browser.get(location(answer)).body()).contains("You are signed in");
        HttpResponse<String> audit = browser.get(Api.publicUrl() + "/ui/audit");
        assertThat(audit.body()).contains("<h1>Audit</h1>", person + " Example</p>");

        // it lets the browser pass, unless another account is asked for
        assertThat(browser.get(location(browser.get(signIn))).statusCode()).isEqualTo(302);
        assertThat(browser.get(location(browser.get(signIn + "?account=other"))).body())
                .contains("type=\"password\"");

        HttpResponse<String> out =
                browser.post(Api.publicUrl() + "/ui/sign-out", Map.of("form_token", value(audit, "form_token")));
        HttpResponse<String> question = browser.get(found("id=\"onward\" href=\"([^\"]+)\"", out));
        HttpResponse<String> ended = browser.post(
                question.uri().resolve(signInForm(question)).toString(),
                Map.of("session_code", value(question, "session_code"), "confirmLogout", "Logout"));
        String done = location(browser.get(location(ended)));
        assertThat(browser.get(Api.publicUrl() + done.substring(done.indexOf("/ui/")))
                        .body())
                .contains("You are signed out, here and at the identity provider.");
        assertThat(browser.get(location(browser.get(signIn))).body()).contains("type=\"password\"");
    }

    /** Keycloak demands it of this client only, so its metadata does not say so. */
    @Test
    void pushesAuthorizationRequests() {
        keycloak.changeClient(
                REALM,
                client,
                Map.of(
                        "redirectUris",
                        List.of(Api.publicUrl() + "/callback/*"),
                        "attributes",
                        Map.of("require.pushed.authorization.requests", "true")));
        Api.as(key)
                .body(registration(Map.of("client_secret", SECRET)))
                .put("/api/v1/clients/pushed")
                .then()
                .statusCode(200);
        String plain = departure(Map.of("provider", "keycloak", "user", person));
        assertThat(location(browser.get(plain))).contains("error=invalid_request");

        String pushed = departure(Map.of("provider", "pushed", "user", person));

        assertThat(parameter(pushed, "request_uri")).startsWith("urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A");
        assertThat(pushed).doesNotContain("state=", "redirect_uri=");
        // Keycloak forgets the reference and redirects to its own page
        assertThat(signIn(location(browser.get(pushed))).body()).contains("The pushed one is connected");
    }

    @Test
    void comparesTheAccountWithTheExpectedOne() {
        String other = departure(Map.of("provider", "keycloak", "user", person, "expected_account", "bob@example.com"));
        assertThat(parameter(other, "login_hint")).isEqualTo("bob%40example.com");
        assertThat(signIn(other).body()).contains("This link is for another account");
        Api.assertProblem(token(), 404, "credential-not-found");

        Browser again = new Browser();
        String right = departure(
                again,
                Map.of(
                        "provider",
                        "keycloak",
                        "user",
                        person,
                        "expected_account",
                        person.toUpperCase(Locale.ROOT) + "@example.com"));
        assertThat(signIn(again, right).body()).contains("Keycloak is connected");
    }

    private String departure(Map<String, Object> wish) {
        return departure(browser, wish);
    }

    /** The address at Keycloak to which a new link leads. */
    private String departure(Browser browser, Map<String, Object> wish) {
        Response session = Api.as(key).body(wish).post("/api/v1/connect-sessions");
        session.then().statusCode(201);
        return browser.depart(session.path("url"));
    }

    private HttpResponse<String> signIn(String departure) {
        return signIn(browser, departure);
    }

    /** The result page after the person has signed in. */
    private HttpResponse<String> signIn(Browser browser, String departure) {
        HttpResponse<String> answer =
                browser.post(signInForm(browser.get(departure)), Map.of("username", person, "password", person));
        return browser.get(location(browser.get(location(answer))));
    }

    private static String value(HttpResponse<String> page, String field) {
        return found("name=\"" + field + "\" value=\"([^\"]+)\"", page);
    }

    private static String found(String pattern, HttpResponse<String> page) {
        Matcher matcher = Pattern.compile(pattern).matcher(page.body());
        assertThat(matcher.find())
                .as("%d %s %s", page.statusCode(), page.headers().map(), page.body())
                .isTrue();
        return matcher.group(1).replace("&amp;", "&");
    }

    private void register(String secret) {
        Api.as(key)
                .body(registration(Map.of("client_secret", secret)))
                .put("/api/v1/clients/keycloak")
                .then()
                .statusCode(200);
    }

    private Map<String, Object> registration(Map<String, Object> secrets) {
        Map<String, Object> registration = new java.util.HashMap<>(secrets);
        registration.put("client_id", client);
        registration.put("scopes", List.of("openid", "email"));
        registration.put("vars", Map.of("base", keycloak.base(), "realm", REALM));
        return registration;
    }

    private void connect() {
        String departure = departure(Map.of("provider", "keycloak", "user", person));
        assertThat(parameter(departure, "code_challenge_method")).isEqualTo("S256");
        assertThat(signIn(departure).body()).contains("Keycloak is connected");
    }

    private static String signInForm(HttpResponse<String> page) {
        return found("action=\"([^\"]+)\"", page);
    }

    private String works(Response token) {
        token.then().statusCode(200);
        String text = token.path("access_token");
        keycloak.userinfo(REALM, text).then().statusCode(200).body("preferred_username", equalTo(person));
        return text;
    }

    private Response token() {
        return token(person);
    }

    private Response token(String user) {
        return Api.as(key)
                .queryParam("provider", "keycloak")
                .queryParam("user", user)
                .get("/api/v1/token");
    }

    /** With the standard token exchange, which Keycloak allows to clients whose switch is on. */
    @Test
    void exchangesTheTokenOfAPersonForOneOfAnApi() throws Exception {
        PersonExchange exchange = new PersonExchange();

        JwtClaims claims = exchange.claims(
                exchange.ask(exchange.api).then().statusCode(200).extract().path("access_token"));
        assertThat(claims.getAudience()).containsExactly(exchange.api);
        assertThat(claims.getClaimValueAsString("azp")).isEqualTo(exchange.gateway);
        assertThat(claims.getClaimValueAsString("preferred_username")).isEqualTo(person);

        exchange.ask("nobody-there").then().statusCode(502).body("error_description", containsString("invalid_client"));
        exchange.ask(exchange.api).then().statusCode(200);
    }

    /** A gateway that holds the token of a person, and an API for which the person has a role. */
    private final class PersonExchange {
        private final String gateway = Api.unique("gateway");
        private final String api = Api.unique("invoices");
        private final String caller = Api.key("people", "token-exchanger", "tenant-admin");

        PersonExchange() {
            keycloak.client(
                    REALM,
                    Map.of(
                            "clientId",
                            gateway,
                            "secret",
                            SECRET,
                            "directAccessGrantsEnabled",
                            true,
                            "attributes",
                            Map.of("standard.token.exchange.enabled", "true"),
                            "protocolMappers",
                            List.of(Map.of(
                                    "name",
                                    "audience",
                                    "protocol",
                                    "openid-connect",
                                    "protocolMapper",
                                    "oidc-audience-mapper",
                                    "config",
                                    Map.of("included.custom.audience", "nexus-oauth", "access.token.claim", "true")))));
            keycloak.client(REALM, Map.of("clientId", api, "standardFlowEnabled", false));
            keycloak.role(REALM, api, "reader", person);
            Map<String, Object> registration = registration(Map.of("client_secret", SECRET));
            registration.put("client_id", gateway);
            Api.as(caller)
                    .body(registration)
                    .put("/api/v1/clients/keycloak")
                    .then()
                    .statusCode(200);
        }

        Response ask(String audience) {
            return given().header("X-API-Key", caller)
                    .contentType("application/x-www-form-urlencoded")
                    .formParam("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                    .formParam("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")
                    .formParam("subject_token", tokenOfThePerson())
                    .formParam("audience", audience)
                    .post("/oauth2/token/keycloak");
        }

        private String tokenOfThePerson() {
            return given().formParam("grant_type", "password")
                    .formParam("client_id", gateway)
                    .formParam("client_secret", SECRET)
                    .formParam("username", person)
                    .formParam("password", person)
                    .formParam("scope", "openid")
                    .post(keycloak.base() + "/realms/" + REALM + "/protocol/openid-connect/token")
                    .then()
                    .statusCode(200)
                    .extract()
                    .path("access_token");
        }

        JwtClaims claims(String token) throws InvalidJwtException {
            return new JwtConsumerBuilder()
                    .setSkipAllValidators()
                    .setSkipSignatureVerification()
                    .build()
                    .processToClaims(token);
        }
    }
}
