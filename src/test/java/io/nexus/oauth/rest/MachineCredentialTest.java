package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TestIssuer;
import io.nexus.oauth.token.client.ClientLimiters;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Machine connections by the API (RFC 6749 section 4.4). */
@QuarkusTest
class MachineCredentialTest {

    @Inject
    ClientLimiters limiters;

    private StrictProvider provider;
    private TestIssuer issuer;
    private String key;

    @BeforeEach
    void ownTenant() {
        provider.reset();
        limiters.forget();
        key = Api.newTenant();
    }

    @Test
    void isCreatedWithItsFirstToken() {
        Response created = create(machine("billing"));

        created.then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/credentials/" + created.path("id")))
                .body("grant_type", equalTo("client_credentials"))
                .body("scopes", equalTo(List.of("read")))
                .body("audience", equalTo("billing"))
                .body("resource", equalTo(List.of("https://api.example")))
                .body("state", equalTo("valid"))
                .body("refreshable", equalTo(true))
                .body("client_id", equalTo(StrictProvider.CLIENT));
        assertThat(created.asString()).doesNotContain("at~billing");
        Api.as(key)
                .queryParam("provider", "strict")
                .queryParam("user", "billing")
                .get("/api/v1/token")
                .then()
                .statusCode(200)
                .body("access_token", equalTo("at~billing~0~1"))
                .body("refresh_state", equalTo("fresh"))
                .body("scope", equalTo("read"));
        create(machine("billing")).then().statusCode(200).body("version", equalTo(2));
        Api.assertProblem(
                Api.as(key)
                        .header("If-None-Match", "*")
                        .body(machine("billing"))
                        .post("/api/v1/credentials"),
                412,
                "precondition-failed");
        assertThat(provider.machineRequests()).hasSize(2);
    }

    /** Its tokens have the operator's rights at the provider, not those of a person who consented. */
    @Test
    void aClientForAllTenantsMakesNoneUnlessItsOperatorAllowsThat() {
        Map<String, Object> wish = new HashMap<>(machine("billing"));
        wish.put("provider", "steady");

        Response refused = create(wish);

        Api.assertProblem(refused, 403, "forbidden");
        refused.then().body("detail", containsString("register a client of the tenant"));
        Api.assertProblem(Api.as(key).body(wish).post("/api/v1/credentials?dry_run=true"), 403, "forbidden");
        assertThat(provider.machineRequests()).isEmpty();
    }

    @Test
    void theGrantOfAPersonSaysThatItIsOne() {
        String id = Api.imported(key, Api.grant());

        Api.as(key)
                .get("/api/v1/credentials/" + id)
                .then()
                .body("grant_type", equalTo("authorization_code"))
                .body("audience", nullValue())
                .body("resource", equalTo(List.of()));
    }

    @Test
    void aRefusalSaysWhatToDoAndChangesNothing() {
        provider.next("billing", StrictProvider.error(400, "unauthorized_client"));

        Response refused = create(machine("billing"));

        Api.assertProblem(refused, 502, "provider-misconfigured");
        refused.then()
                .body("code", equalTo("unauthorized_client"))
                .body("detail", containsString("Allow client_credentials there"));
        assertThat(stored()).isEmpty();
    }

    @Test
    void aProviderThatIsAwayIsAskedLater() {
        provider.down(true);
        try {
            Response later = create(machine("billing"));

            Api.assertProblem(later, 503, "provider-unavailable");
            later.then().header("Retry-After", equalTo("1")).body("code", equalTo("provider_unreachable"));
        } finally {
            provider.down(false);
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void aPublicClientNeverAsks() {
        Api.as(key)
                .body(Map.of("client_id", "public"))
                .put("/api/v1/clients/strict")
                .then()
                .statusCode(200);

        Response refused = create(machine("billing"));

        Api.assertProblem(refused, 502, "provider-misconfigured");
        refused.then()
                .body("code", equalTo("public_client"))
                .body("detail", containsString("Register it with its secret"));
        assertThat(provider.machineRequests()).isEmpty();
        assertThat(stored()).isEmpty();
    }

    /** They would be stored as granted, and pass a limit of scopes. */
    @Test
    void scopesThatTheGrantDoesNotSendAreRefused() {
        Map<String, Object> wish = new HashMap<>(machine("unsent"));
        wish.put("provider", "unscoped");

        create(wish)
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/scopes")))
                .body("errors[0].detail", containsString("must be left out"));
        assertThat(provider.machineRequests()).isEmpty();
        wish.remove("scopes");
        create(wish).then().statusCode(201).body("scopes", equalTo(List.of()));
    }

    @Test
    void aDryRunAsksNoProvider() {
        Api.as(key)
                .body(machine("billing"))
                .post("/api/v1/credentials?dry_run=true")
                .then()
                .statusCode(204);

        assertThat(provider.machineRequests()).isEmpty();
        assertThat(stored()).isEmpty();
    }

    @Test
    void nobodyCanConnectIt() {
        String id = create(machine("billing")).path("id");

        for (Map<String, Object> link : List.<Map<String, Object>>of(
                Map.of("credential_id", id), Map.of("provider", "strict", "user", "billing"))) {
            Response refused = Api.session(key, link);

            Api.assertProblem(refused, 409, "conflict");
            refused.then().body("detail", containsString("the service gets its tokens itself"));
        }
        Map<String, Object> grant = Api.grant("provider", "strict");
        grant.put("user", "billing");
        Api.assertProblem(create(grant), 409, "conflict");
        Api.assertProblem(Api.as(key).body(grant).post("/api/v1/credentials?dry_run=true"), 409, "conflict");
    }

    /** A subject is a user of the provider, whom the limit does not cover. */
    @Test
    void aCallerWithLimitedUsersChoosesNoSubject() {
        String name = Api.unique("deployer");
        Api.admin()
                .body(Map.of(
                        "issuer", issuer.url(),
                        "subject", name,
                        "tenants", List.of("default"),
                        "roles", List.of("connector"),
                        "users", List.of("bot")))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(200);
        Map<String, Object> wanted = Map.of(
                "provider", "signed",
                "user", "bot",
                "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "subject", "chief@example.com");

        Response refused = asWorkload(name).body(wanted).post("/api/v1/credentials");

        Api.assertProblem(refused, 403, "forbidden");
        refused.then().body("detail", equalTo(InputErrors.OUTSIDE_ACCESS_LIMITS));
        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
    }

    @Test
    void thePolicyOfTheCallerLimitsIt() {
        String reader = Api.key("default", "token-reader");

        Api.assertProblem(Api.as(reader).body(machine("billing")).post("/api/v1/credentials"), 403, "forbidden");
        assertThat(provider.machineRequests()).isEmpty();
    }

    /** Each limit of a policy holds before the provider is asked, and that of the scopes also for the answer. */
    @Test
    void aPolicyLimitsProvidersUsersAndScopes() {
        String name = Api.unique("deployer");
        Map<String, List<String>> limits =
                Map.of("providers", List.of("graceful"), "users", List.of("another"), "scopes", List.of("write"));
        limits.forEach((limit, values) -> {
            Api.admin()
                    .body(Map.of(
                            "issuer",
                            issuer.url(),
                            "subject",
                            name,
                            "tenants",
                            List.of("default"),
                            "roles",
                            List.of("connector"),
                            limit,
                            values))
                    .put("/api/v1/policies/" + name)
                    .then()
                    .statusCode(200);

            Api.assertProblem(asWorkload(name).body(machine(name)).post("/api/v1/credentials"), 403, "forbidden");
            assertThat(provider.machineRequests()).as(limit).isEmpty();
        });
        // with this policy of scopes, no scope is as wrong as another one, and the provider may grant more than was
        // asked for
        Api.admin()
                .body(Map.of(
                        "issuer", issuer.url(),
                        "subject", name,
                        "tenants", List.of("default"),
                        "roles", List.of("connector"),
                        "scopes", List.of("write")))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(200);
        Map<String, Object> wanted = new HashMap<>(machine(name));
        wanted.remove("scopes");
        Api.assertProblem(asWorkload(name).body(wanted).post("/api/v1/credentials"), 403, "forbidden");
        assertThat(provider.machineRequests()).isEmpty();
        wanted.put("scopes", List.of("write"));
        provider.next(name, provider.machineToken("\"scope\": \"read write\""));
        Api.assertProblem(asWorkload(name).body(wanted).post("/api/v1/credentials"), 403, "forbidden");
        assertThat(provider.machineRequests()).hasSize(1);
        assertThat(provider.revocations()).hasSize(1);

        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
    }

    private RequestSpecification asWorkload(String name) {
        return given().contentType("application/json").auth().oauth2(issuer.sign(issuer.claims(name)));
    }

    private Response create(Map<String, Object> request) {
        return Api.as(key).body(request).post("/api/v1/credentials");
    }

    private List<Object> stored() {
        return Api.as(key).get("/api/v1/credentials").path("items");
    }

    private static Map<String, Object> machine(String name) {
        return new HashMap<>(Map.of(
                "provider",
                "strict",
                "user",
                name,
                "grant_type",
                "client_credentials",
                "scopes",
                List.of("read"),
                "audience",
                name,
                "resource",
                List.of("https://api.example")));
    }
}
