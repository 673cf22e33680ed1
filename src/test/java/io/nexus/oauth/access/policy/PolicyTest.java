package io.nexus.oauth.access.policy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.LogCapture;
import io.nexus.oauth.testing.RunningSchedule;
import io.nexus.oauth.testing.TestDatabase;
import io.nexus.oauth.testing.TestIssuer;
import io.nexus.oauth.testing.TestIssuerResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What policies grant, and to whom. */
@QuarkusTest
class PolicyTest implements RunningSchedule {

    @Inject
    AgroalDataSource dataSource;

    private TestIssuer issuer;

    private final String tenant = Api.unique("tenant");
    private final String other = Api.unique("tenant");
    private final String account = "system:serviceaccount:mail:" + Api.unique("worker");
    private final List<String> made = new ArrayList<>();

    @AfterEach
    void tidy() throws IOException {
        made.forEach(name -> Api.admin().delete("/api/v1/policies/" + name));
        Files.writeString(TestIssuerResource.policyFile(), "policies: []\n");
    }

    @Test
    void aServiceAccountMayDoWhatItsPolicySays() {
        assertThat(as(account).get("/api/v1/credentials").statusCode()).isEqualTo(403);

        put(policy(account, List.of(tenant), "connector"))
                .then()
                .statusCode(200)
                .body("origin", equalTo("api"));

        as(account).get("/api/v1/credentials").then().statusCode(200);
        as(account).body(Api.grant()).post("/api/v1/credentials").then().statusCode(201);
        Api.assertProblem(as(account).get("/api/v1/token?provider=sandbox&user=a"), 403, "forbidden");
        as("system:serviceaccount:mail:somebody-else")
                .get("/api/v1/credentials")
                .then()
                .statusCode(403);
    }

    @Test
    void aPatternCoversOneNamespaceAndNoMore() {
        String namespace = Api.unique("ns");
        put(policy("system:serviceaccount:" + namespace + ":*", List.of(tenant), "connector"))
                .then()
                .statusCode(200);

        as("system:serviceaccount:" + namespace + ":any")
                .get("/api/v1/credentials")
                .then()
                .statusCode(200);

        for (String stranger : List.of(
                "system:serviceaccount:" + namespace + "x:any",
                "system:serviceaccount:" + namespace + ":any:more",
                "system:serviceaccount:" + namespace + ":",
                "x:system:serviceaccount:" + namespace + ":any")) {
            assertThat(as(stranger).get("/api/v1/credentials").statusCode())
                    .as(stranger)
                    .isEqualTo(403);
        }
    }

    @Test
    void oneTenantIsImpliedAndOneOfSeveralHasToBeNamed() {
        put(policy(account, List.of(tenant), "connector")).then().statusCode(200);
        as(account).get("/api/v1/credentials").then().statusCode(200);
        as(account).get("/api/v1/credentials?tenant=" + tenant).then().statusCode(200);
        Api.assertProblem(as(account).get("/api/v1/credentials?tenant=" + other), 403, "forbidden");

        put(policy(account, List.of(other), "auditor")).then().statusCode(200);
        Response unnamed = as(account).get("/api/v1/credentials");
        Api.assertProblem(unnamed, 400, "invalid-request");
        assertThat(unnamed.<String>path("errors[0].pointer")).isEqualTo("tenant");
        Api.assertProblem(as(account).get("/api/v1/credentials?tenant=a%20b"), 400, "invalid-request");
        Api.assertProblem(
                as(account).get("/api/v1/credentials?tenant=" + tenant + "&tenant=" + other), 400, "invalid-request");
        as(account).get("/api/v1/credentials?tenant=" + tenant).then().statusCode(200);
    }

    @Test
    void aRoleOfOneTenantIsNoneInTheOther() {
        put(policy(account, List.of(tenant), "connector")).then().statusCode(200);
        put(policy(account, List.of(other), "auditor")).then().statusCode(200);

        as(account).get("/api/v1/audit?tenant=" + other).then().statusCode(200);
        Api.assertProblem(as(account).get("/api/v1/audit?tenant=" + tenant), 403, "forbidden");
        Api.assertProblem(as(account).get("/api/v1/credentials?tenant=" + other), 403, "forbidden");
    }

    @Test
    void everyTenantIsEveryTenantAndStillOneAtATime() {
        put(policy(account, List.of("*"), "connector")).then().statusCode(200);

        Api.assertProblem(as(account).get("/api/v1/credentials"), 400, "invalid-request");
        as(account).get("/api/v1/credentials?tenant=" + other).then().statusCode(200);
    }

    @Test
    void whatIsBeyondALimitLooksMissing() {
        String key = Api.key(tenant, Api.ALL_ROLES);
        Map<String, Object> mine = Api.grant();
        String own = Api.imported(key, mine);
        Map<String, Object> foreign = Api.grant();
        String hidden = Api.imported(key, foreign);
        Map<String, Object> limited = policy(account, List.of(tenant), "token-reader", "connector", "tenant-admin");
        limited.put("users", List.of(mine.get("user")));
        limited.put("providers", List.of("sandbox"));
        put(limited).then().statusCode(200);

        as(account).get("/api/v1/credentials/" + own + "/token").then().statusCode(200);
        token(mine).then().statusCode(200);
        assertThat(as(account).get("/api/v1/credentials").<List<String>>path("items.id"))
                .containsExactly(own);
        assertThat(as(account).get("/api/v1/audit").<List<String>>path("items.credential_id"))
                .contains(own)
                .doesNotContain(hidden);
        Response missing = as(account).get("/api/v1/credentials/" + java.util.UUID.randomUUID() + "/token");
        for (Response beyond : List.of(
                token(foreign),
                as(account).get("/api/v1/credentials/" + hidden),
                as(account).get("/api/v1/credentials/" + hidden + "/token"),
                as(account).body("{\"version\":1}").post("/api/v1/credentials/" + hidden + "/rejected"),
                as(account).post("/api/v1/credentials/" + hidden + "/refresh"),
                as(account).post("/api/v1/credentials/" + hidden + "/test"),
                as(account).post("/api/v1/credentials/" + hidden + "/revoke"),
                as(account).delete("/api/v1/credentials/" + hidden),
                as(account).body(Map.of("credential_id", hidden)).post("/api/v1/connect-sessions"))) {
            assertThat(beyond.statusCode()).isEqualTo(404);
            assertThat(beyond.asString()).isEqualTo(missing.asString());
        }
        Api.assertProblem(as(account).body(Api.grant()).post("/api/v1/credentials"), 403, "forbidden");
        Api.assertProblem(
                as(account).body(Map.of("provider", "sandbox", "user", "x")).post("/api/v1/connect-sessions"),
                403,
                "forbidden");
        Api.assertProblem(as(account).body(Map.of("client_id", "x")).put("/api/v1/clients/zoom"), 403, "forbidden");
        Api.as(key).get("/api/v1/credentials/" + hidden).then().statusCode(200).body("status", equalTo("active"));
    }

    @Test
    void aRevokedCredentialBeyondALimitLooksMissingToo() {
        String key = Api.key(tenant, Api.ALL_ROLES);
        String hidden = Api.imported(key, Api.grant());
        Api.as(key).delete("/api/v1/credentials/" + hidden).then().statusCode(200);
        Map<String, Object> limited = policy(account, List.of(tenant), "token-reader");
        limited.put("users", List.of("nobody"));
        put(limited).then().statusCode(200);

        Api.assertProblem(as(account).get("/api/v1/credentials/" + hidden + "/token"), 404, "credential-not-found");
    }

    @Test
    void aLimitOfOneRoleDoesNotWidenAnother() {
        String key = Api.key(tenant, Api.ALL_ROLES);
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        put(policy(account, List.of(tenant), "tenant-admin")).then().statusCode(200);
        Map<String, Object> reader = policy(account, List.of(tenant), "token-reader");
        reader.put("providers", List.of("google"));
        put(reader).then().statusCode(200);

        as(account).get("/api/v1/credentials/" + id).then().statusCode(200);
        Api.assertProblem(as(account).get("/api/v1/credentials/" + id + "/token"), 404, "credential-not-found");
    }

    @Test
    void aTokenAboveTheCeilingIsNotHandedOut() {
        String key = Api.key(tenant, Api.ALL_ROLES);
        String low = Api.imported(key, Api.grant("scopes", List.of("read")));
        String high = Api.imported(key, Api.grant("scopes", List.of("read", "write")));
        String unknown = Api.imported(key, Api.grant());
        Map<String, Object> limited = policy(account, List.of(tenant), "token-reader", "connector");
        limited.put("scopes", List.of("read", "profile"));
        put(limited).then().statusCode(200);

        as(account).get("/api/v1/credentials/" + low + "/token").then().statusCode(200);
        // warm and cold alike
        as(account).get("/api/v1/credentials/" + low + "/token").then().statusCode(200);
        for (String id : List.of(high, unknown, high)) {
            Api.assertProblem(as(account).get("/api/v1/credentials/" + id + "/token"), 403, "forbidden");
        }
        Map<String, Object> wish = new HashMap<>(Map.of("provider", "sandbox", "user", Api.unique("user")));
        Api.assertProblem(as(account).body(wish).post("/api/v1/connect-sessions"), 403, "forbidden");
        wish.put("scopes", List.of("read"));
        as(account).body(wish).post("/api/v1/connect-sessions").then().statusCode(201);
        Map<String, Object> beyond = new HashMap<>(wish);
        beyond.put("authorization_details", List.of(Map.of("type", "payment"))); // no limit to scopes covers it
        Api.assertProblem(as(account).body(beyond).post("/api/v1/connect-sessions"), 403, "forbidden");
        Api.assertProblem(
                as(account).body(Api.grant("scopes", List.of("write"))).post("/api/v1/credentials"), 403, "forbidden");
    }

    @Test
    void anAdminOfOneTenantIsNoneOfAll() {
        put(policy(account, List.of(tenant), "admin")).then().statusCode(200);

        as(account).get("/api/v1/api-keys").then().statusCode(200);
        Api.assertProblem(as(account).get("/api/v1/api-keys?tenant=" + other), 403, "forbidden");
        Api.assertProblem(key(other, "auditor"), 403, "forbidden");
        Api.assertProblem(key(tenant, "admin"), 403, "forbidden");
        key(tenant, "auditor").then().statusCode(201);
        Api.assertProblem(as(account).get("/api/v1/policies"), 403, "forbidden");
        Api.assertProblem(
                as(account).body(policy(account, List.of("*"), "admin")).put("/api/v1/policies/mine"),
                403,
                "forbidden");
        Api.assertProblem(as(account).delete("/api/v1/policies/" + made.getFirst()), 403, "forbidden");
    }

    @Test
    void aPolicyThatIsDeletedGrantsNoMore() {
        put(policy(account, List.of(tenant), "connector")).then().statusCode(200);
        as(account).get("/api/v1/credentials").then().statusCode(200);

        Api.admin().delete("/api/v1/policies/" + made.getFirst()).then().statusCode(204);

        Api.assertProblem(as(account).get("/api/v1/credentials"), 403, "forbidden");
        Api.assertProblem(Api.admin().delete("/api/v1/policies/" + made.getFirst()), 404, "not-found");
    }

    @Test
    void everyChangeOfAPolicyLeavesItsLine() {
        put(policy(account, List.of(tenant), "connector")).then().statusCode(200);
        String name = made.getFirst();
        Api.admin()
                .body(policy(account, List.of(tenant), "token-reader"))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(200);
        Api.admin()
                .body(Map.of("issuer", "x"))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(400);
        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(404);

        List<String> lines = trail("concat_ws(' ', operation, actor, tenant_id)", "subject = '" + name + "'");
        assertThat(lines)
                .containsExactly(
                        "policy_stored bootstrap default",
                        "policy_changed bootstrap default",
                        "policy_deleted bootstrap default");
        List<String> details = trail("COALESCE(detail, '')", "subject = '" + name + "'");
        assertThat(details.get(0)).contains("connector", tenant, account);
        assertThat(details.get(1)).contains("token-reader").doesNotContain("connector");
    }

    /** The change and its line are one statement: without the line there is no change. */
    @Test
    void aPolicyWhoseLineCannotBeWrittenIsNotStored() {
        TestDatabase database = new TestDatabase(dataSource);
        put(policy(account, List.of(tenant), "connector")).then().statusCode(200);
        String stored = "/api/v1/policies/" + made.getFirst();
        database.breakWrites("audit_events");
        try {
            Map<String, Object> wider = policy(account, List.of("*"), "auditor");
            assertThat(Api.admin().body(wider).put(stored).statusCode()).isGreaterThanOrEqualTo(500);
            assertThat(Api.admin().delete(stored).statusCode()).isGreaterThanOrEqualTo(500);
        } finally {
            database.heal("audit_events");
        }

        assertThat(Api.admin()
                        .get("/api/v1/policies")
                        .<List<String>>path("items.find{it.name=='" + made.getFirst() + "'}.roles"))
                .containsExactly("connector");
    }

    @Test
    void everyFileThatCountsLeavesOneLine() throws Exception {
        List<String> digests = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            String text = "policies:\n  - {name: " + name + ", issuer: \"" + issuer.url() + "\", subject: \"" + account
                    + "\", tenants: [" + tenant + "], roles: [connector]}\n";
            digests.add(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8))));
            write(text);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !trail("operation", "subject = '" + digests.getLast() + "'")
                            .isEmpty());
        }

        for (String digest : digests) {
            assertThat(trail("concat_ws(' ', operation, actor, detail)", "subject = '" + digest + "'"))
                    .containsExactly("policy_file_loaded system 1 policies");
        }
    }

    private List<String> trail(String what, String which) {
        return new TestDatabase(dataSource)
                .all("SELECT " + what + " FROM audit_events WHERE " + which + " ORDER BY event_id");
    }

    @Test
    void theFileIsReadAgainAndABrokenOneChangesNothing() throws IOException {
        String line = "  - {name: filed, issuer: \"%s\", subject: \"%s\", tenants: %s, roles: [connector]}\n";
        write("policies:\n" + line.formatted(issuer.url(), account, tenant));
        awaitStatus(200);
        assertThat(fileState()).isEqualTo("valid");
        Api.assertProblem(
                Api.admin().body(policy(account, List.of("*"), "admin")).put("/api/v1/policies/filed"),
                409,
                "conflict");
        assertThat(Api.admin().get("/api/v1/policies").<String>path("items.find{it.name=='filed'}.origin"))
                .isEqualTo("file");

        write("policies:\n" + line.formatted(issuer.url(), account, "\"a b\""));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(fileState()).isEqualTo("rejected"));
        assertThat(Api.metric("nexus_oauth_policy_file_valid")).isZero();
        Api.management().get("/q/health/ready").then().statusCode(200);
        as(account).get("/api/v1/credentials").then().statusCode(200);

        write("policies: []\n");
        awaitStatus(403);
        assertThat(Api.metric("nexus_oauth_policy_file_valid")).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aPolicyThatIsNotClearIsRefusedAndGrantsNothing(String pointer, String field, Object value) {
        Map<String, Object> policy = policy(account, List.of(tenant), "connector");
        if (value == null) {
            policy.remove(field);
        } else {
            policy.put(field, value);
        }

        Response response = put(policy);

        Api.assertProblem(response, 400, "invalid-request");
        assertThat(response.<String>path("errors[0].pointer")).isEqualTo(pointer);
        as(account).get("/api/v1/credentials").then().statusCode(403);
    }

    static List<Arguments> faults() {
        return List.of(
                Arguments.of("/issuer", "issuer", null),
                Arguments.of("/subject", "subject", ""),
                Arguments.of("/subject", "subject", "*a*b*c*d*e"),
                Arguments.of("/tenants", "tenants", null),
                Arguments.of("/tenants", "tenants", List.of()),
                Arguments.of("/tenants", "tenants", List.of("*", "acme")),
                Arguments.of("/tenants", "tenants", List.of("acme*")),
                Arguments.of("/roles", "roles", List.of("root")),
                Arguments.of("/roles", "roles", List.of()),
                Arguments.of("/providers", "providers", List.of()),
                Arguments.of("/users", "users", List.of()),
                Arguments.of("/scopes", "scopes", List.of("a b")),
                Arguments.of("/tenant", "tenant", "acme"));
    }

    /** Scopes limit tokens, not the trail of a credential: but lines of no credential are beyond every limit. */
    @ParameterizedTest
    @ValueSource(strings = {"scopes", "providers", "users"})
    void aLimitedAuditorSeesLinesOfCredentialsOnly(String limit) {
        String key = Api.key(tenant, Api.ALL_ROLES);
        Map<String, Object> grant = Api.grant();
        Api.imported(key, grant);
        Api.as(key)
                .body(Map.of("client_id", "x", "client_secret", "y"))
                .put("/api/v1/clients/google")
                .then()
                .statusCode(200);
        Map<String, Object> limited = policy(account, List.of(tenant), "auditor");
        limited.put(limit, List.of(limit.equals("users") ? grant.get("user") : "sandbox"));
        put(limited).then().statusCode(200);

        List<String> all = Api.as(key).get("/api/v1/audit").path("items.operation");
        Response seen = as(account).get("/api/v1/audit");

        assertThat(all).contains("api_key_issued", "client_registered", "credential_created");
        seen.then().statusCode(200);
        assertThat(seen.<List<String>>path("items.operation")).containsExactly("credential_created");
    }

    @Test
    void aStoredPolicyBehindOneOfTheFileIsShownAndToldOf() throws IOException {
        put(policy(account, List.of("*"), "connector")).then().statusCode(200);
        String name = made.getFirst();
        as(account).get("/api/v1/credentials?tenant=" + tenant).then().statusCode(200);
        try (LogCapture log = LogCapture.open()) {
            write("policies:\n  - {name: " + name + ", issuer: \"" + issuer.url() + "\", subject: \"" + account
                    + "\", tenants: " + other + ", roles: [auditor]}\n");
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(as(account)
                                    .get("/api/v1/credentials?tenant=" + tenant)
                                    .statusCode())
                            .isEqualTo(403));
            assertThat(log.lines()).anyMatch(line -> line.contains("take effect without it") && line.contains(name));
        }

        Response listed = Api.admin().get("/api/v1/policies");
        assertThat(listed.<List<String>>path("items.findAll{it.name=='" + name + "'}.state"))
                .containsExactly("active", "shadowed");
        assertThat(listed.<List<String>>path("items.findAll{it.name=='" + name + "'}.origin"))
                .containsExactly("file", "api");
        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
        write("policies: []\n");
        await().atMost(Duration.ofSeconds(60)).until(() -> filed() == 0);
        Api.assertProblem(as(account).get("/api/v1/credentials?tenant=" + tenant), 403, "forbidden");
    }

    private static int filed() {
        return Api.management().get("/q/health/ready").path("checks.find{it.name=='policy-file'}.data.policies");
    }

    /** Who writes the name of a limit means to limit. */
    @ParameterizedTest
    @ValueSource(strings = {"providers", "users", "scopes", "tenants", "roles"})
    void aListWithoutAValueIsRefused(String list) throws IOException {
        Map<String, Object> policy = policy(account, List.of(tenant), "connector");
        policy.put(list, null);

        Response response = put(policy);

        Api.assertProblem(response, 400, "invalid-request");
        assertThat(response.<String>path("errors[0].pointer")).isEqualTo("/" + list);
        policy.remove(list);
        String lines = policy.entrySet().stream()
                .map(field -> "    " + field.getKey() + ": "
                        + (field.getValue() instanceof List<?> ? field.getValue() : "\"" + field.getValue() + "\"")
                        + "\n")
                .collect(Collectors.joining());
        for (String nothing : List.of("", " null", " ~")) {
            assertThatThrownBy(() -> PolicyText.parse(
                            "policies:\n  - name: filed\n" + lines + "    " + list + ":" + nothing + "\n"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(list + " has no value");
        }
    }

    @Test
    void anAdminCannotBeLimitedToWhatItIsNotAbout() {
        Map<String, Object> policy = policy(account, List.of("*"), "admin");
        policy.put("providers", List.of("google"));

        Api.assertProblem(put(policy), 400, "invalid-request");
    }

    private void awaitStatus(int status) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(as(account).get("/api/v1/credentials").statusCode())
                                .isEqualTo(status));
    }

    private static void write(String yaml) throws IOException {
        Files.writeString(TestIssuerResource.policyFile(), yaml);
    }

    private static String fileState() {
        return Api.management().get("/q/health/ready").path("checks.find{it.name=='policy-file'}.data.state");
    }

    private Response token(Map<String, Object> grant) {
        return as(account)
                .queryParam("provider", grant.get("provider"))
                .queryParam("user", grant.get("user"))
                .get("/api/v1/token");
    }

    private Response key(String tenant, String role) {
        return as(account)
                .body(Map.of("name", "a", "tenant", tenant, "roles", List.of(role)))
                .post("/api/v1/api-keys");
    }

    private Response put(Map<String, Object> policy) {
        String name = Api.unique("policy");
        made.add(name);
        return Api.admin().body(policy).put("/api/v1/policies/" + name);
    }

    private Map<String, Object> policy(String subject, List<String> tenants, String... roles) {
        return new HashMap<>(
                Map.of("issuer", issuer.url(), "subject", subject, "tenants", tenants, "roles", List.of(roles)));
    }

    private RequestSpecification as(String subject) {
        return given().auth().oauth2(issuer.sign(issuer.claims(subject))).contentType(ContentType.JSON);
    }
}
