package io.nexus.oauth.rest.exchange;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.TokenRequest.Builder;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.token.TypelessAccessToken;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client shows the token of its user and gets the access token of that user's account, and no other. */
@QuarkusTest
class TokenExchangeTest {

    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
    private static final String ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";

    private TestIssuer issuer;

    private final String tenant = Api.unique("tenant");
    private final String user = Api.unique("user") + "@example.com";
    private String all;
    private String gateway;
    private String access;

    @BeforeEach
    void connected() {
        all = Api.key(tenant, Api.ALL_ROLES);
        gateway = Api.key(tenant, "token-exchanger");
        Map<String, Object> grant = new HashMap<>(Api.grant("user", user));
        grant.put("scopes", List.of("read", "write"));
        access = String.valueOf(grant.get("access_token"));
        Api.imported(all, grant);
    }

    @Test
    void answersAsTheStandardSays() {
        exchange(gateway, form())
                .then()
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .body("access_token", equalTo(access))
                .body("issued_token_type", equalTo(ACCESS_TOKEN))
                .body("token_type", equalTo("Bearer"))
                .body("scope", equalTo("read write"))
                .body("keySet().size()", equalTo(5));
    }

    @Test
    void aLibraryOfTheStandardFindsAndUsesIt() throws Exception {
        AuthorizationServerMetadata metadata = AuthorizationServerMetadata.resolve(new Issuer(Api.publicUrl()));
        var request = new Builder(
                        metadata.getTokenEndpointURI(),
                        new ClientSecretBasic(new ClientID(id(gateway)), new Secret(gateway)),
                        new TokenExchangeGrant(
                                new TypelessAccessToken(subject()),
                                TokenTypeURI.ACCESS_TOKEN,
                                null,
                                null,
                                TokenTypeURI.ACCESS_TOKEN,
                                List.of(new Audience("sandbox"))))
                .build();

        AccessTokenResponse response =
                AccessTokenResponse.parse(request.toHTTPRequest().send());

        assertThat(response.getTokens().getAccessToken().getValue()).isEqualTo(access);
    }

    @Test
    void theClientAuthenticatesInEachWayOfTheStandard() {
        String pair =
                Base64.getEncoder().encodeToString((id(gateway) + ":" + gateway).getBytes(StandardCharsets.UTF_8));
        String workload = issuer.token("workload", tenant, "nexus:token-exchanger");

        works(plain().header("X-API-Key", gateway).formParams(form()));
        works(plain().header("Authorization", "Bearer " + gateway).formParams(form()));
        works(plain().header("Authorization", "Bearer " + workload).formParams(form()));
        works(plain().header("Authorization", "Basic " + pair).formParams(form()));
        works(plain().formParams(form("client_id", id(gateway), "client_secret", gateway)));
        works(plain().formParams(form(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion",
                workload)));
    }

    @Test
    void aClientThatDoesNotAuthenticateIsRefused() {
        refused(plain().header("X-API-Key", "nxo_nobody").formParams(form()));
        refused(plain().header("Authorization", "Basic bm9ib2R5").formParams(form()))
                .then()
                .header("WWW-Authenticate", startsWith("Basic"));
        refused(plain().header("Authorization", "Bearer nobody").formParams(form()))
                .then()
                .header("WWW-Authenticate", startsWith("Bearer"));
        refused(plain().formParams(form("client_id", "another", "client_secret", gateway)));
        refused(plain().header("X-API-Key", gateway).formParams(form("client_secret", gateway)));
        refused(plain().formParams(form("client_assertion_type", "saml", "client_assertion", subject())));
    }

    @Test
    void withoutAClientTheUserIsTheCaller() {
        String own =
                subject(claims -> claims.setClaim("realm_access", Map.of("roles", List.of("nexus:token-exchanger"))));

        works(plain().formParams(form("subject_token", own)));
        fails(plain().formParams(form()), 400, "unauthorized_client");
        refused(plain().formParams(form("subject_token", own, "client_id", id(gateway))));
        refused(plain().formParams(form("subject_token", own, "client_id", id(gateway), "client_secret", "")));
    }

    @Test
    void aUserIsACallerOnlyWithATokenForCallers() {
        Map<String, Object> roles = Map.of("roles", List.of("nexus:token-exchanger"));
        refused(plain().formParams(form("subject_token", subject(claims -> {
            claims.setClaim("realm_access", roles);
            claims.setAudience("portal");
        }))));
        refused(plain().formParams(form("subject_token_type", ID_TOKEN, "subject_token", subject(claims -> {
            claims.setClaim("realm_access", roles);
            claims.setClaim("nonce", "n");
        }))));
        fails(
                plain().formParams(form("subject_token", subject(claims -> {
                    claims.setClaim("realm_access", roles);
                    claims.setClaim("may_act", Map.of("sub", "workload"));
                }))),
                400,
                "invalid_request");
    }

    @Test
    void aMachineConnectionIsNobodys() {
        String name = Api.unique("billing");
        Api.as(all)
                .body(Map.of("client_id", "nexus", "client_secret", "secret"))
                .put("/api/v1/clients/sandbox");
        Api.as(all)
                .body(Map.of("provider", "sandbox", "user", name, "grant_type", "client_credentials"))
                .post("/api/v1/credentials")
                .then()
                .statusCode(201);
        Api.as(all)
                .queryParam("provider", "sandbox")
                .queryParam("user", name)
                .get("/api/v1/token")
                .then()
                .statusCode(200);

        fails(
                        as(all).formParams(form("subject_token", subject(claims -> claims.setClaim("email", name)))),
                        400,
                        "interaction_required")
                .then()
                .body("connect_url", equalTo(null));
    }

    @Test
    void theRoleOpensNothingElse() {
        Api.as(gateway)
                .queryParam("provider", "sandbox")
                .queryParam("user", user)
                .get("/api/v1/token")
                .then()
                .statusCode(403);
    }

    @Test
    void aReaderMayExchangeAndAConnectorMayNot() {
        exchange(Api.key(tenant, "token-reader"), form()).then().statusCode(200);
        String connector = Api.key(tenant, "connector");

        fails(as(connector).formParams(form()), 400, "unauthorized_client")
                .then()
                .body("error_description", containsString("token-exchanger"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            grant_type           |                                                | invalid_request
            grant_type           | refresh_token                                  | unsupported_grant_type
            subject_token        |                                                | invalid_request
            subject_token        | eyJ.not.signed                                 | invalid_request
            subject_token_type   |                                                | invalid_request
            subject_token_type   | urn:ietf:params:oauth:token-type:saml2         | invalid_request
            requested_token_type | urn:ietf:params:oauth:token-type:refresh_token | invalid_request
            actor_token          | eyJ.of.somebody                                | invalid_request
            audience             |                                                | invalid_request
            audience             | nobody                                         | invalid_target
            resource             | https://api.example/                           | invalid_target
            scope                | read  write                                    | invalid_scope
            """)
    void saysWhatIsWrong(String name, String value, String error) {
        Map<String, String> form = form();
        form.remove(name);
        if (value != null) {
            form.put(name, value);
        }
        fails(as(gateway).formParams(form), 400, error);
    }

    @Test
    void aParameterIsGivenOnce() {
        fails(as(gateway).formParams(form()).formParam("audience", "sandbox", "github"), 400, "invalid_target");
        fails(as(gateway).formParams(form()).formParam("scope", "read", "write"), 400, "invalid_request");
    }

    @Test
    void aResourceNamesTheProviderToo() {
        Map<String, String> form = form("resource", Api.publicUrl() + "/providers/sandbox");
        form.remove("audience");
        works(as(gateway).formParams(form));

        form.put("resource", "https://elsewhere.example/providers/sandbox");
        fails(as(gateway).formParams(form), 400, "invalid_target");
    }

    @Test
    void onlyTokensOfUsersCount() {
        invalid(claims -> claims.setClaim("email_verified", false));
        invalid(claims -> claims.unsetClaim("email"));
        invalid(claims -> claims.setAudience("somebody-else"));
        invalid(claims -> claims.setExpirationTimeMinutesInTheFuture(-10));
        invalid(claims -> claims.setClaim("org", Map.of("tenant", "another")));
        invalid(claims -> claims.unsetClaim("org"));
        fails(as(gateway).formParams(form("subject_token", gateway)), 400, "invalid_request");
        try (TestIssuer stranger = new TestIssuer()) {
            String token = stranger.sign(claims(stranger));
            fails(as(gateway).formParams(form("subject_token", token)), 400, "invalid_request");
        }
    }

    @Test
    void anIdTokenCountsOnlyAsOne() {
        String token = subject(claims -> {
            claims.setAudience("portal");
            claims.setClaim("nonce", "n");
        });

        fails(as(gateway).formParams(form("subject_token", token)), 400, "invalid_request");
        works(as(gateway).formParams(form("subject_token", token, "subject_token_type", ID_TOKEN)));
    }

    @Test
    void aTokenThatNamesItsActorWorksForThatOneOnly() {
        String token = subject(claims -> claims.setClaim("may_act", Map.of("sub", "workload")));
        String odd = subject(claims -> claims.setClaim("may_act", "workload"));
        RequestSpecification workload =
                plain().auth().oauth2(issuer.token("workload", tenant, "nexus:token-exchanger"));

        works(workload.formParams(form("subject_token", token)));
        fails(as(gateway).formParams(form("subject_token", token)), 400, "invalid_request");
        fails(as(gateway).formParams(form("subject_token", odd)), 400, "invalid_request");
    }

    @Test
    void thePolicyOfTheClientLimitsWhatItGets() {
        String name = Api.unique("gateway");
        Api.admin()
                .body(Map.of(
                        "issuer", issuer.url(),
                        "subject", name,
                        "tenants", List.of(tenant),
                        "roles", List.of("token-exchanger"),
                        "providers", List.of("github")))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(200);
        RequestSpecification limited = plain().auth().oauth2(issuer.sign(issuer.claims(name)));

        fails(limited.formParams(form()), 400, "invalid_target");

        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
    }

    @Test
    void aUserWithoutAnAccountIsAskedToConnectOne() {
        String stranger = subject(claims -> claims.setClaim("email", Api.unique("new") + "@example.com"));
        Map<String, String> form = form("subject_token", stranger);

        fails(as(gateway).formParams(form), 400, "interaction_required").then().body("connect_url", equalTo(null));

        String link =
                fails(as(all).formParams(form), 400, "interaction_required").path("connect_url");
        fails(as(all).formParams(form), 400, "interaction_required").then().body("connect_url", equalTo(null));
        given().get(link).then().statusCode(200).body(containsString("Sandbox"));
    }

    @Test
    void thePolicyLimitsUsersAndScopesToo() {
        String name = Api.unique("gateway");
        Map<String, Object> policy = new HashMap<>(Map.of(
                "issuer", issuer.url(),
                "subject", name,
                "tenants", List.of(tenant),
                "roles", List.of("token-exchanger"),
                "users", List.of("somebody-else@example.com")));
        String workload = issuer.sign(issuer.claims(name));
        Api.admin().body(policy).put("/api/v1/policies/" + name).then().statusCode(200);
        fails(plain().auth().oauth2(workload).formParams(form()), 400, "invalid_target");

        policy.remove("users");
        policy.put("scopes", List.of("read"));
        Api.admin().body(policy).put("/api/v1/policies/" + name).then().statusCode(200);
        // the token carries both granted scopes, whatever the request names
        fails(plain().auth().oauth2(workload).formParams(form()), 400, "invalid_scope");
        fails(plain().auth().oauth2(workload).formParams(form("scope", "read")), 400, "invalid_scope");
        policy.put("scopes", List.of("read", "write"));
        Api.admin().body(policy).put("/api/v1/policies/" + name).then().statusCode(200);
        works(plain().auth().oauth2(workload).formParams(form("scope", "read")));

        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
    }

    /** The clients of a token endpoint read no problem details. */
    @Test
    void wrongMethodsAndTypesAreAnsweredInTheFormOfTheStandard() {
        fails(as(gateway).when().get("/oauth2/token"), 405).then().header("Allow", containsString("POST"));
        fails(as(gateway).when().put("/oauth2/token"), 405);
        fails(as(gateway).accept("text/html").formParams(form()).post("/oauth2/token"), 406);
    }

    private static Response fails(Response response, int status) {
        response.then()
                .statusCode(status)
                .contentType("application/json")
                .header("Cache-Control", "no-store")
                .body("error", equalTo("invalid_request"))
                .body("error_description", containsString(" "));
        return response;
    }

    @Test
    void refusedTokensOfUsersAreNotThoseOfCallers() {
        double callers = Api.metric("nexus_oauth_caller_tokens_refused_total", "reason=\"audience\"");
        double users = Api.metric("nexus_oauth_subject_tokens_refused_total", "reason=\"audience\"");

        invalid(claims -> claims.setAudience("somebody-else"));

        assertThat(Api.metric("nexus_oauth_caller_tokens_refused_total", "reason=\"audience\""))
                .isEqualTo(callers);
        assertThat(Api.metric("nexus_oauth_subject_tokens_refused_total", "reason=\"audience\""))
                .isEqualTo(users + 1);
    }

    @Test
    void missingScopesAreNamed() {
        fails(as(gateway).formParams(form("scope", "read admin")), 400, "interaction_required")
                .then()
                .body("missing_scopes", equalTo("admin"));
        works(as(gateway).formParams(form("scope", "read")));
    }

    @Test
    void theFormIsAForm() {
        fails(
                given().header("X-API-Key", gateway)
                        .contentType("application/json")
                        .body("{}"),
                400,
                "invalid_request");
        fails(as(gateway).body("grant_type=a#b"), 400, "invalid_request");
        fails(as(gateway).body("a=b&".repeat(60)), 400, "invalid_request");
        fails(as(gateway).body("a=%zz"), 400, "invalid_request");
        fails(as(gateway).formParams(form("subject_token", subject() + "A".repeat(16_384))), 400, "invalid_request");
    }

    @Test
    void aRevokedAccountNeedsItsUser() {
        String id = Api.as(all)
                .queryParam("provider", "sandbox")
                .queryParam("user", user)
                .get("/api/v1/token")
                .path("credential_id");
        Api.as(all).post("/api/v1/credentials/" + id + "/revoke").then().statusCode(200);

        fails(as(gateway).formParams(form()), 400, "interaction_required");
    }

    private void invalid(Consumer<JwtClaims> change) {
        fails(as(gateway).formParams(form("subject_token", subject(change))), 400, "invalid_request");
    }

    private void works(RequestSpecification request) {
        request.post("/oauth2/token").then().statusCode(200).body("access_token", equalTo(access));
    }

    private static Response refused(RequestSpecification request) {
        return fails(request, 401, "invalid_client");
    }

    private static Response fails(RequestSpecification request, int status, String error) {
        Response response = request.post("/oauth2/token");
        response.then()
                .statusCode(status)
                .header("Cache-Control", "no-store")
                .body("error", equalTo(error))
                .body("error_description", containsString(" "));
        return response;
    }

    private static Response exchange(String key, Map<String, String> form) {
        return as(key).formParams(form).post("/oauth2/token");
    }

    private static RequestSpecification as(String key) {
        return plain().header("X-API-Key", key);
    }

    private static RequestSpecification plain() {
        return given().contentType("application/x-www-form-urlencoded");
    }

    /** The public part of a key. */
    private static String id(String key) {
        return key.split("_")[1];
    }

    private Map<String, String> form(String... more) {
        Map<String, String> form = new HashMap<>(Map.of(
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token",
                subject(),
                "subject_token_type",
                ACCESS_TOKEN,
                "audience",
                "sandbox"));
        for (int i = 0; i < more.length; i += 2) {
            form.put(more[i], more[i + 1]);
        }
        return form;
    }

    private String subject() {
        return subject(claims -> {});
    }

    private String subject(Consumer<JwtClaims> change) {
        JwtClaims claims = claims(issuer);
        change.accept(claims);
        return issuer.sign(claims);
    }

    private JwtClaims claims(TestIssuer by) {
        JwtClaims claims = by.claims("alice");
        claims.setClaim("email", user);
        claims.setClaim("email_verified", true);
        claims.setClaim("org", Map.of("tenant", tenant));
        return claims;
    }
}
