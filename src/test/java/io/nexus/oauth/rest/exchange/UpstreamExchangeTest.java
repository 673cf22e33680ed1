package io.nexus.oauth.rest.exchange;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client shows the token of its user at the token endpoint of a provider and gets one that the provider issues for an API. */
@QuarkusTest
class UpstreamExchangeTest {

    private static final String TYPES = "urn:ietf:params:oauth:token-type:";
    private static final String GRANTS = "urn:ietf:params:oauth:grant-type:";

    private StrictProvider provider;
    private TestIssuer issuer;

    private final String tenant = Api.unique("tenant");
    private final String sub = Api.unique("sub");
    private String token;
    private String admin;
    private String gateway;

    @BeforeEach
    void start() {
        provider.reset();
        token = subject(claims -> {});
        admin = Api.key(tenant, "tenant-admin", "auditor");
        gateway = Api.key(tenant, "token-exchanger");
        List.of("exchanging", "brief", "behalf", "asserted").forEach(id -> register(id, Map.of()));
    }

    @AfterEach
    void stop() {
        provider.down(false);
        provider.reset();
    }

    @Test
    void answersAsTheStandardSaysAndAsksOnce() {
        Map<String, String> form = form("audience", "api", "scope", "read write", "resource", "https://api.example/");
        for (int i = 0; i < 3; i++) {
            exchange("exchanging", form)
                    .then()
                    .statusCode(200)
                    .header("Cache-Control", "no-store")
                    .body("access_token", equalTo("at~" + sub + "~0~1"))
                    .body("issued_token_type", equalTo(TYPES + "access_token"))
                    .body("token_type", equalTo("Bearer"))
                    .body("expires_in", notNullValue())
                    .body("scope", equalTo("read write"))
                    .body("keySet().size()", equalTo(5));
        }

        assertThat(provider.exchanges())
                .singleElement()
                .satisfies(sent -> assertThat(sent)
                        .containsEntry("grant_type", GRANTS + "token-exchange")
                        .containsEntry("subject_token", token)
                        .containsEntry("subject_token_type", TYPES + "access_token")
                        .containsEntry("requested_token_type", TYPES + "access_token")
                        .containsEntry("audience", "api")
                        .containsEntry("resource", "https://api.example/")
                        .containsEntry("scope", "read write")
                        .containsEntry("client_id", StrictProvider.CLIENT));
    }

    /** Two tokens of one user may differ in what they allow, as by scope or acr. */
    @Test
    void whatDiffersSharesNothing() {
        List<Map<String, String>> forms = List.of(
                form(),
                form("subject_token", subject(claims -> claims.setClaim("acr", "2"))),
                form("subject_token_type", TYPES + "jwt"),
                form("audience", "api"),
                form("resource", "urn:api"),
                form("scope", "read"));
        forms.forEach(form -> exchange("exchanging", form).then().statusCode(200));

        assertThat(provider.exchanges()).hasSize(forms.size());
    }

    @Test
    void severalResourcesAreSentEach() {
        given().header("X-API-Key", gateway)
                .contentType("application/x-www-form-urlencoded")
                .formParams(form())
                .formParam("resource", "urn:a", "urn:b")
                .post("/oauth2/token/exchanging")
                .then()
                .statusCode(200);
        assertThat(provider.exchanges())
                .singleElement()
                .satisfies(sent -> assertThat(sent).containsEntry("resource", "urn:b")); // the last of both in this map
    }

    @Test
    void aTokenThatEndsSoonIsNotKept() {
        Map<String, String> ending =
                form("subject_token", subject(claims -> claims.setExpirationTimeMinutesInTheFuture(0.1f)));
        twice("exchanging", ending);
        twice("brief", form("audience", "brief"));
        provider.expiresIn("9");
        twice("exchanging", form("audience", "short"));
    }

    private void twice(String at, Map<String, String> form) {
        int before = provider.exchanges().size();
        exchange(at, form).then().statusCode(200);
        exchange(at, form).then().statusCode(200);
        assertThat(provider.exchanges()).hasSize(before + 2);
    }

    @Test
    void aSecretIsRotatedWithoutAFailedRead() {
        exchange("exchanging", form("audience", "before")).then().statusCode(200);
        register("exchanging", Map.of("second_client_secret", "the next one"));
        exchange("exchanging", form("audience", "announced")).then().statusCode(200);
        provider.secret("the next one");
        exchange("exchanging", form("audience", "after")).then().statusCode(200);
        register("exchanging", Map.of("client_secret", "the next one"));
        exchange("exchanging", form("audience", "done")).then().statusCode(200);
    }

    @Test
    void aChangeOfTheClientEndsWhatItWasIssued() {
        exchange("exchanging", form()).then().statusCode(200).body("access_token", equalTo("at~" + sub + "~0~1"));
        register("exchanging", Map.of());
        exchange("exchanging", form()).then().statusCode(200).body("access_token", equalTo("at~" + sub + "~0~2"));
    }

    @Test
    void aProviderThatIsAwayIsAskedLater() {
        provider.down(true);
        fails("exchanging", form(), 503, "temporarily_unavailable")
                .then()
                .header("Retry-After", notNullValue())
                .body("error_description", containsString("provider_unreachable"));
        provider.down(false);
    }

    @Test
    void aLimitOfTheProviderIsPassedOn() {
        provider.next(sub, StrictProvider.rateLimited("7"));
        fails("exchanging", form(), 503, "temporarily_unavailable").then().header("Retry-After", equalTo("7"));
    }

    /** Whatever callers send, the connected accounts of the client must go on. */
    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant, invalid_grant",
        "400, invalid_request, invalid_request",
        "400, invalid_target, invalid_target",
        "400, invalid_scope, invalid_scope",
        "400, access_denied, invalid_grant",
        "400, interaction_required, interaction_required",
        "400, consent_required, consent_required"
    })
    void refusalsOfAUserStopNobodyElse(int status, String refusal, String error) {
        for (int i = 0; i < 12; i++) {
            provider.next(sub, StrictProvider.error(status, refusal));
            fails("exchanging", form(), 400, error).then().body("error_description", containsString(refusal));
        }
        exchange("exchanging", form()).then().statusCode(200);
    }

    /** Keycloak calls an unknown audience so. */
    @Test
    void anAudienceThatIsCalledAnInvalidClientStopsNobodyElse() {
        provider.next(sub, StrictProvider.error(400, "invalid_client"));
        fails("exchanging", form("audience", "nobody"), 502, "server_error")
                .then()
                .body("error_description", containsString("invalid_client"));

        exchange("exchanging", form()).then().statusCode(200);
    }

    @Test
    void aRefusedClientStopsAsking() {
        provider.secret("another");
        fails("exchanging", form(), 502, "server_error");
        fails("exchanging", form("scope", "read"), 502, "server_error");

        assertThat(provider.exchanges()).hasSize(1);
        register("exchanging", Map.of("client_secret", "another"));
        exchange("exchanging", form()).then().statusCode(200);
    }

    @Test
    void onlyTheRoleForItExchanges() {
        String reader = Api.key(tenant, "token-reader", "connector");
        fails(reader, "exchanging", form(), 400, "unauthorized_client")
                .then()
                .body("error_description", containsString("token-exchanger"));
        fails("nxo_nobody", "exchanging", form(), 401, "invalid_client");
    }

    @Test
    void theClientOfTheOperatorNeedsItsConsent() {
        String other = Api.key(Api.unique("tenant") + "-b", "token-exchanger");
        fails(other, "behalf", form(), 400, "invalid_request")
                .then()
                .body("error_description", containsString("tenant"));

        String stranger = Api.unique("tenant");
        String key = Api.key(stranger, "token-exchanger");
        Map<String, String> own =
                form("subject_token", subject(claims -> claims.setClaim("org", Map.of("tenant", stranger))));
        fails(key, "behalf", own, 502, "server_error")
                .then()
                .body("error_description", containsString("exchange_not_allowed"));
        fails(key, "oidc", own, 502, "server_error")
                .then()
                .body("error_description", containsString("client_not_registered"));
        exchange(key, "exchanging", own).then().statusCode(200);
        assertThat(provider.exchanges()).hasSize(1);
    }

    @Test
    void onlyTheUsersOfTheTenantCount() {
        invalid(claims -> claims.setClaim("org", Map.of("tenant", "another")));
        invalid(claims -> claims.setClaim("email_verified", false));
        invalid(claims -> claims.setAudience("somebody-else"));
        invalid(claims -> claims.setExpirationTimeMinutesInTheFuture(-10));
        invalid(claims -> claims.setClaim("may_act", Map.of("sub", "workload")));
        try (TestIssuer stranger = new TestIssuer()) {
            fails("exchanging", form("subject_token", stranger.sign(claims(stranger))), 400, "invalid_request");
        }
        assertThat(provider.exchanges()).isEmpty();
    }

    private void invalid(Consumer<JwtClaims> change) {
        fails("exchanging", form("subject_token", subject(change)), 400, "invalid_request");
    }

    @Test
    void thePolicyLimitsProvidersUsersAndScopes() {
        String name = Api.unique("gateway");
        Map<String, Object> policy = new HashMap<>(Map.of(
                "issuer",
                issuer.url(),
                "subject",
                name,
                "tenants",
                List.of(tenant),
                "roles",
                List.of("token-exchanger")));
        String workload = issuer.sign(issuer.claims(name));

        limit(name, policy, "providers", List.of("github"));
        fails(workload, "exchanging", form("scope", "read"), 400, "invalid_target");
        limit(name, policy, "users", List.of("somebody-else@example.com"));
        fails(workload, "exchanging", form("scope", "read"), 400, "invalid_target");
        limit(name, policy, "scopes", List.of("read"));
        fails(workload, "exchanging", form(), 400, "invalid_scope");
        fails(workload, "exchanging", form("scope", "read write"), 400, "invalid_scope");
        assertThat(provider.exchanges()).isEmpty();

        provider.next(
                sub,
                exchange -> StrictProvider.body("{\"access_token\": \"wide\", \"scope\": \"read write\"}")
                        .answer(exchange));
        fails(workload, "exchanging", form("scope", "read"), 400, "invalid_scope");
        exchange(workload, "exchanging", form("scope", "read", "audience", "api"))
                .then()
                .statusCode(200);

        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
    }

    private static void limit(String name, Map<String, Object> policy, String limit, List<String> values) {
        Map<String, Object> limited = new HashMap<>(policy);
        limited.put(limit, values);
        Api.admin().body(limited).put("/api/v1/policies/" + name).then().statusCode(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exchanging | grant_type           |                                                | invalid_request
            exchanging | grant_type           | refresh_token                                  | unsupported_grant_type
            exchanging | subject_token        |                                                | invalid_request
            exchanging | subject_token        | eyJ.not.signed                                 | invalid_request
            exchanging | subject_token_type   |                                                | invalid_request
            exchanging | subject_token_type   | urn:ietf:params:oauth:token-type:saml2         | invalid_request
            exchanging | requested_token_type | urn:ietf:params:oauth:token-type:refresh_token | invalid_request
            exchanging | actor_token          | eyJ.of.somebody                                | invalid_request
            exchanging | audience             | %LONG%                                         | invalid_target
            exchanging | resource             | no-uri                                         | invalid_target
            exchanging | resource             | https://api.example/#part                      | invalid_target
            exchanging | scope                | read  write                                    | invalid_scope
            exchanging | scope                | %LONG%%LONG%%LONG%%LONG%%LONG%                 | invalid_scope
            nobody     | audience             | api                                            | invalid_target
            strict     | audience             | api                                            | invalid_target
            behalf     | audience             | api                                            | invalid_target
            behalf     | resource             | urn:api                                        | invalid_target
            asserted   | audience             | api                                            | invalid_target
            """)
    void saysWhatIsWrong(String at, String name, String value, String error) {
        Map<String, String> form = form();
        form.remove(name);
        if (value != null) {
            form.put(name, value.replace("%LONG%", "x".repeat(513)));
        }
        fails(at, form, 400, error);
        assertThat(provider.exchanges()).isEmpty();
    }

    @Test
    void aFormIsAFormAndAMethodAMethod() {
        given().header("X-API-Key", gateway)
                .contentType("application/json")
                .body("{}")
                .post("/oauth2/token/exchanging")
                .then()
                .statusCode(400)
                .body("error", equalTo("invalid_request"));
        given().header("X-API-Key", gateway)
                .get("/oauth2/token/exchanging")
                .then()
                .statusCode(405)
                .body("error", equalTo("invalid_request"));
    }

    @Test
    void onBehalfOfIsAsMicrosoftHasIt() {
        exchange("behalf", form("scope", "api://x/.default"))
                .then()
                .statusCode(200)
                .body("scope", equalTo("api://x/.default"));

        assertThat(provider.exchanges())
                .singleElement()
                .satisfies(sent -> assertThat(sent)
                        .containsEntry("grant_type", GRANTS + "jwt-bearer")
                        .containsEntry("requested_token_use", "on_behalf_of")
                        .containsEntry("assertion", token)
                        .doesNotContainKey("subject_token"));
    }

    @Test
    void anIdentityAssertionIsExchangedInTwoSteps() {
        Map<String, String> form =
                form("subject_token_type", TYPES + "id_token", "scope", "read", "resource", "https://api.example/");
        Response answer = exchange("asserted", form);

        answer.then().statusCode(200).body("access_token", equalTo("at~" + sub + "~0~2"));
        List<Map<String, String>> sent = new ArrayList<>(provider.exchanges());
        assertThat(sent).hasSize(2);
        assertThat(sent.getFirst())
                .containsEntry("grant_type", GRANTS + "token-exchange")
                .containsEntry("subject_token", token)
                .containsEntry("subject_token_type", TYPES + "id_token")
                .containsEntry("requested_token_type", TYPES + "id-jag")
                .containsEntry("audience", provider.url() + "/asserted")
                .containsEntry("resource", "https://api.example/")
                .containsEntry("scope", "read");
        String assertion = "jag~" + sub + "~1~" + provider.url() + "/asserted";
        assertThat(sent.getLast())
                .containsEntry("grant_type", GRANTS + "jwt-bearer")
                .containsEntry("assertion", assertion)
                .containsEntry("scope", "read")
                .containsEntry("client_id", StrictProvider.CLIENT)
                .doesNotContainKeys("subject_token", "audience", "resource");
        assertThat(answer.asString()).doesNotContain("jag~");
        exchange("asserted", form).then().statusCode(200);
        assertThat(provider.exchanges()).as("from memory").hasSize(2);
    }

    /** Such a token opens something at the identity provider. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\"issued_token_type\": \"urn:ietf:params:oauth:token-type:access_token\", "})
    void onlyAnIdentityAssertionGoesToTheSecondServer(String type) {
        provider.next(sub, StrictProvider.body("{" + type + "\"access_token\": \"of-the-identity-provider\"}"));

        fails("asserted", form(), 502, "server_error")
                .then()
                .body("error_description", containsString("issued_token_type"));
        assertThat(provider.exchanges()).hasSize(1);
    }

    @Test
    void eachOfBothServersMayRefuse() {
        provider.next(sub, StrictProvider.error(400, "invalid_grant"));
        fails("asserted", form(), 400, "invalid_grant");
        assertThat(provider.exchanges()).hasSize(1);

        provider.next(sub, provider.spend());
        provider.next(sub, StrictProvider.error(400, "invalid_grant"));
        fails("asserted", form(), 400, "invalid_grant");
        assertThat(provider.exchanges()).hasSize(3);
    }

    @Test
    void aChangeOfTheClientAtTheIdentityProviderEndsTheTokenToo() {
        exchange("asserted", form()).then().statusCode(200);
        register("exchanging", Map.of());
        exchange("asserted", form()).then().statusCode(200);

        assertThat(provider.exchanges()).hasSize(4);
    }

    @Test
    void outcomesAreCounted() {
        String name = "nexus_oauth_token_exchanges_total";
        double exchanged = Api.metric(name, "provider=\"behalf\"", "outcome=\"exchanged\"");
        double hits = Api.metric(name, "provider=\"behalf\"", "outcome=\"hit\"");
        double rejected = Api.metric(name, "provider=\"behalf\"", "outcome=\"rejected\"");

        provider.next(sub, StrictProvider.error(400, "invalid_grant"));
        fails("behalf", form(), 400, "invalid_grant");
        exchange("behalf", form()).then().statusCode(200);
        exchange("behalf", form()).then().statusCode(200);

        assertThat(Api.metric(name, "provider=\"behalf\"", "outcome=\"exchanged\""))
                .isEqualTo(exchanged + 1);
        assertThat(Api.metric(name, "provider=\"behalf\"", "outcome=\"hit\"")).isEqualTo(hits + 1);
        assertThat(Api.metric(name, "provider=\"behalf\"", "outcome=\"rejected\""))
                .isEqualTo(rejected + 1);
    }

    private void register(String id, Map<String, String> more) {
        Map<String, String> client =
                new HashMap<>(Map.of("client_id", StrictProvider.CLIENT, "client_secret", StrictProvider.SECRET));
        client.putAll(more);
        Api.as(admin).body(client).put("/api/v1/clients/" + id).then().statusCode(200);
    }

    private Response fails(String at, Map<String, String> form, int status, String error) {
        return fails(gateway, at, form, status, error);
    }

    private static Response fails(String key, String at, Map<String, String> form, int status, String error) {
        Response response = exchange(key, at, form);
        response.then()
                .statusCode(status)
                .header("Cache-Control", "no-store")
                .body("error", equalTo(error))
                .body("error_description", containsString(" "));
        return response;
    }

    private Response exchange(String at, Map<String, String> form) {
        return exchange(gateway, at, form);
    }

    private static Response exchange(String key, String at, Map<String, String> form) {
        return given().contentType("application/x-www-form-urlencoded")
                .header("Authorization", "Bearer " + key)
                .formParams(form)
                .post("/oauth2/token/" + at);
    }

    private Map<String, String> form(String... more) {
        Map<String, String> form = new HashMap<>(Map.of(
                "grant_type", GRANTS + "token-exchange",
                "subject_token", token,
                "subject_token_type", TYPES + "access_token"));
        for (int i = 0; i < more.length; i += 2) {
            form.put(more[i], more[i + 1]);
        }
        return form;
    }

    private String subject(Consumer<JwtClaims> change) {
        JwtClaims claims = claims(issuer);
        change.accept(claims);
        return issuer.sign(claims);
    }

    private JwtClaims claims(TestIssuer by) {
        JwtClaims claims = by.claims(sub);
        claims.setClaim("email", sub + "@example.com");
        claims.setClaim("email_verified", true);
        claims.setClaim("org", Map.of("tenant", tenant));
        return claims;
    }
}
