package io.nexus.oauth.audit;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.TestDatabase;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who was given which token is known afterwards; while it is given, nothing is written. */
@QuarkusTest
@TestProfile(QuietProfile.class)
class AuditRecorderIT {

    private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

    private TestIssuer issuer;

    @Inject
    AuditRecorder recorder;

    @Inject
    AuditConfig config;

    @Inject
    AgroalDataSource dataSource;

    private final String tenant = Api.unique("tenant");
    private TestDatabase database;
    private String key;

    @BeforeEach
    void ownTenant() {
        database = new TestDatabase(dataSource);
        key = Api.key(tenant, Api.ALL_ROLES);
        await(recorder.flush(LATER));
    }

    @AfterEach
    void heal() {
        database.heal("audit_events");
        await(recorder.flush(LATER));
    }

    @Test
    void anExchangedTokenTellsForWhichUserItWas() {
        Map<String, Object> grant = Api.grant();
        Api.imported(key, grant);
        JwtClaims claims = issuer.claims("alice");
        claims.setClaim("email", grant.get("user"));
        claims.setClaim("email_verified", true);
        claims.setClaim("org", Map.of("tenant", tenant));
        String gateway = Api.key(tenant, "token-exchanger");

        exchange(gateway, issuer.sign(claims)).then().statusCode(200);
        exchange(Api.key(tenant, "auditor"), issuer.sign(claims)).then().statusCode(400);
        await(recorder.flush(LATER));

        assertThat(database.all(
                        "SELECT concat_ws(' ', actor, subject, user_email) FROM audit_events WHERE tenant_id = '"
                                + tenant + "' AND operation = 'token_handed_out'"))
                .singleElement()
                .asString()
                .contains(gateway.split("_")[1], "token:company:alice", String.valueOf(grant.get("user")));
        assertThat(database.all("SELECT subject FROM audit_events WHERE tenant_id = '" + tenant
                        + "' AND operation = 'access_denied'"))
                .containsExactly("POST /oauth2/token");
    }

    @Test
    void aTokenOfAnApiTellsForWhomAndWhatItWas() {
        JwtClaims claims = issuer.claims("alice");
        claims.setClaim("email", "alice@example.com");
        claims.setClaim("email_verified", true);
        claims.setClaim("org", Map.of("tenant", tenant));
        String gateway = Api.key(tenant, "token-exchanger");
        String token = issuer.sign(claims);

        for (String audience : List.of("invoices", "invoices", "mail")) {
            exchange(gateway, token, "/exchanging", audience).then().statusCode(200);
        }
        exchange(Api.key(tenant, "auditor"), token, "/exchanging", "mail")
                .then()
                .statusCode(400);
        await(recorder.flush(LATER));

        assertThat(database.all("SELECT concat_ws(' ', actor, subject, provider, user_email, detail, times)"
                        + " FROM audit_events WHERE tenant_id = '" + tenant
                        + "' AND operation = 'token_exchanged' ORDER BY detail"))
                .map(String::valueOf)
                .satisfiesExactly(
                        invoices -> assertThat(invoices)
                                .contains(gateway.split("_")[1])
                                .endsWith("token:company:alice exchanging alice@example.com invoices read 2"),
                        mail -> assertThat(mail).endsWith("mail read 1"));
        assertThat(database.all("SELECT subject FROM audit_events WHERE tenant_id = '" + tenant
                        + "' AND operation = 'access_denied'"))
                .containsExactly("POST /oauth2/token/{provider}");
    }

    private static Response exchange(String key, String subject) {
        return exchange(key, subject, "", "sandbox");
    }

    private static Response exchange(String key, String subject, String at, String audience) {
        return given().header("X-API-Key", key)
                .contentType("application/x-www-form-urlencoded")
                .formParam("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .formParam("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")
                .formParam("subject_token", subject)
                .formParam("audience", audience)
                .formParam("scope", at.isEmpty() ? "" : "read")
                .post("/oauth2/token" + at);
    }

    @Test
    void aLeakedTokenTellsWhoWasGivenIt() {
        Map<String, Object> grant = Api.grant();
        String credential = Api.imported(key, grant);
        String reader = Api.key(tenant, "token-reader");
        token(reader, credential).then().statusCode(200);
        token(reader, credential).then().statusCode(200);
        assertThat(handOuts()).isEmpty();

        await(recorder.flush(LATER));

        Response found = lookUp(key, (String) grant.get("access_token"));
        found.then().statusCode(200);
        assertThat(found.<List<String>>path("items.operation")).containsOnly("token_handed_out");
        assertThat(found.<List<String>>path("items.credential_id")).containsOnly(credential);
        assertThat(found.<List<Integer>>path("items.version")).containsOnly(1);
        assertThat(found.<List<Integer>>path("items.times").stream()
                        .mapToInt(times -> times)
                        .sum())
                .isEqualTo(2);
        assertThat(found.<List<String>>path("items.actor").getFirst()).startsWith("key:test:");
        assertThat(lookUp(key, "never-handed-out").<List<?>>path("items")).isEmpty();
        assertThat(lookUp(Api.newTenant(), (String) grant.get("access_token")).<List<?>>path("items"))
                .isEmpty();
        assertThat(database.all("SELECT row_to_json(e)::text FROM audit_events e WHERE tenant_id = '" + tenant + "'"))
                .noneMatch(line -> line.contains((String) grant.get("access_token")));
    }

    @Test
    void theHolderOfTheTokenIsGivenNothing() {
        String credential = Api.imported(key, Api.grant());
        String tag = token(key, credential).header("ETag");
        Api.as(key)
                .header("If-None-Match", tag)
                .get("/api/v1/credentials/" + credential + "/token")
                .then()
                .statusCode(304);

        await(recorder.flush(LATER));

        assertThat(handOuts()).containsExactly("1");
    }

    @Test
    void aHotCredentialCostsTwoLinesAMinute() {
        String credential = Api.imported(key, Api.grant());
        Instant minute = Instant.now().minusSeconds(120); // the present one is not over
        for (int batch = 0; batch < 5; batch++) {
            token(key, credential);
            token(key, credential);
            await(recorder.flush(minute));
        }
        assertThat(handOuts()).hasSizeBetween(1, 2); // the test may run over the end of a minute

        await(recorder.flush(LATER));
        await(recorder.flush(LATER));

        assertThat(handOuts()).hasSizeBetween(2, 4);
        assertThat(handOuts().stream().mapToInt(Integer::parseInt).sum()).isEqualTo(10);
        assertThat(recorder.size()).isZero();
    }

    @Test
    void whatCannotBeWrittenIsWrittenLater() {
        String credential = Api.imported(key, Api.grant());
        database.breakWrites("audit_events");
        token(key, credential).then().statusCode(200);
        assertThatThrownBy(() -> await(recorder.flush(LATER))).isInstanceOf(StorageException.class);
        token(key, credential).then().statusCode(200);

        database.heal("audit_events");
        await(recorder.flush(LATER));

        assertThat(handOuts().stream().mapToInt(Integer::parseInt).sum()).isEqualTo(2);
    }

    @Test
    void memoryIsBoundedAndWhatIsLostIsCounted() {
        double before = Api.metric("nexus_oauth_audit_dropped_total", "access_denied");
        int room = config.mostWaiting() / 10; // half of a fifth
        for (int i = 0; i < room + 7; i++) {
            recorder.recordDenied("flood", new TenantId(tenant), "GET /" + i, null);
        }

        assertThat(recorder.size()).isEqualTo(room);
        assertThat(Api.metric("nexus_oauth_audit_dropped_total", "access_denied"))
                .isEqualTo(before + 7);
        String credential = Api.imported(key, Api.grant());
        token(key, credential).then().statusCode(200);

        await(recorder.flush(LATER));
        assertThat(recorder.size()).isZero();
        assertThat(database.count(
                        "SELECT count(*) FROM audit_events WHERE actor = 'flood' AND tenant_id = '" + tenant + "'"))
                .isEqualTo(room);
        assertThat(handOuts()).containsExactly("1");
    }

    @Test
    void aTenantThatReadsVeryManyCredentialsLeavesPlacesForAnother() {
        TenantId hostile = new TenantId(Api.unique("hostile"));
        int half = (config.mostWaiting() - config.mostWaiting() / 5) / 2;
        double before = Api.metric("nexus_oauth_audit_dropped_total", "token_handed_out");
        int present = recorder.size();
        for (int i = 0; i < config.mostWaiting(); i++) {
            recorder.recordIssued("flood", null, token(hostile));
        }
        assertThat(recorder.size() - present).isBetween(half - present, half);
        assertThat(Api.metric("nexus_oauth_audit_dropped_total", "token_handed_out") - before)
                .isEqualTo(config.mostWaiting() - (recorder.size() - present));

        for (int i = 0; i < half / 2; i++) {
            recorder.recordIssued("another", null, token(new TenantId(tenant)));
        }
        await(recorder.flush(LATER));

        assertThat(handOuts()).hasSize(half / 2);
        assertThat(recorder.size()).isZero();
    }

    private static AccessToken token(TenantId tenant) {
        return new AccessToken(
                new CredentialKey(tenant, UUID.randomUUID()),
                new AccountKey(tenant, "sandbox", "alice"),
                Secret.of("token"),
                "Bearer",
                null,
                null,
                Scopes.NONE,
                1,
                AccessToken.Freshness.FRESH,
                null,
                Map.of());
    }

    @Test
    void aDenialIsToldToTheCallersOwnTenantAndNotToTheOneThatItNamed() {
        String named = Api.unique("tenant");
        String connector = Api.key(tenant, "connector");

        Api.as(connector)
                .get("/api/v1/token?provider=sandbox&user=a&tenant=" + named)
                .then()
                .statusCode(403);
        await(recorder.flush(LATER));

        String denials = "SELECT count(*) FROM audit_events WHERE operation = 'access_denied' AND tenant_id = '%s'";
        assertThat(database.count(denials.formatted(named))).isZero();
        assertThat(database.count(denials.formatted(tenant))).isEqualTo(1);
    }

    @Test
    void aDeniedCallLeavesALineHoweverOftenItIsMade() {
        String connector = Api.key(tenant, "connector");
        double before = Api.metric("nexus_oauth_denied_calls_total");
        for (int i = 0; i < 3; i++) {
            token(connector, "6f9619ff-8b86-d011-b42d-00cf4fc964f" + i).then().statusCode(403);
        }

        assertThat(Api.metric("nexus_oauth_denied_calls_total")).isEqualTo(before + 3);

        await(recorder.flush(LATER));

        Response trail = Api.as(key).queryParam("operation", "access_denied").get("/api/v1/audit");
        assertThat(trail.<List<Integer>>path("items.times").stream()
                        .mapToInt(i -> i)
                        .sum())
                .isEqualTo(3);
        assertThat(trail.<List<String>>path("items.subject")).containsOnly("GET /api/v1/credentials/{id}/token");
        assertThat(trail.<List<String>>path("items.source")).containsOnly("127.0.0.1");
        assertThat(trail.<List<String>>path("items.actor").getFirst()).startsWith("key:test:");
    }

    @Test
    void aLookupSaysWhatIsWrongWithIt() {
        Api.assertProblem(lookUp(key, ""), 400, "invalid-request");
        Api.assertProblem(lookUp(key, "nul\u0000"), 400, "invalid-request");
        Api.assertProblem(lookUp(key, "x".repeat(20_000)), 400, "invalid-request");
    }

    private List<String> handOuts() {
        return database.all("SELECT times FROM audit_events WHERE operation = 'token_handed_out' AND tenant_id = '"
                + tenant + "' ORDER BY event_id");
    }

    private static Response token(String key, String credential) {
        return Api.as(key).get("/api/v1/credentials/" + credential + "/token");
    }

    private static Response lookUp(String key, String token) {
        return Api.as(key).body(Map.of("token", token)).post("/api/v1/audit/lookup");
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
