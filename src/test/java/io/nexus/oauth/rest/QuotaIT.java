package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.testing.RunningSchedule;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The quotas of tenants and callers, with a hundred concurrent callers. */
@QuarkusTest
@TestProfile(QuotaIT.Limits.class)
class QuotaIT implements RunningSchedule {

    private static final int CREDENTIALS = 12;
    private static final int SESSIONS_PER_TENANT = 30;
    private static final int SESSIONS_PER_CALLER = 20;
    /** Bounds the retries, so that a service that stays busy fails the test. */
    private static final int MOST_RETURNS = 60;

    private static final int PARALLEL = 100;

    @Inject
    AgroalDataSource dataSource;

    private StrictProvider provider;
    private String tenant;
    private String key;

    @BeforeEach
    void ownTenant() {
        tenant = Api.unique("tenant");
        key = Api.key(tenant, Api.ALL_ROLES);
    }

    @Test
    void aHundredNewCredentialsAtOnceAreAsManyAsThereIsRoomFor() {
        Map<Integer, List<Response>> answers = atOnce(n -> store(key, Api.grant()));

        assertThat(answers.keySet()).containsExactlyInAnyOrder(201, 409);
        assertThat(answers.get(201)).hasSize(CREDENTIALS);
        answers.get(409).forEach(answer -> assertFull(answer));
        assertThat(stored()).isEqualTo(CREDENTIALS);
        assertThat(database()
                        .count(
                                "SELECT count(*) FROM audit_events WHERE operation = 'credential_created' AND tenant_id = '"
                                        + tenant + "'"))
                .isEqualTo(CREDENTIALS);
        assertThat(store(Api.newTenant(), Api.grant()).statusCode())
                .as("of another tenant")
                .isEqualTo(201);
    }

    @Test
    void aCredentialThatIsThereAlwaysTakesItsNewGrant() {
        Map<String, Object> grant = filled();

        Map<Integer, List<Response>> answers = atOnce(n -> store(key, changed(grant)));
        assertThat(answers.keySet()).containsExactly(200);

        database().set(id(grant), "status = 'reauth_required'");
        assertThat(store(key, changed(grant)).statusCode()).isEqualTo(200);
        Api.session(key, wish(grant)).then().statusCode(201);
        Api.session(key, Map.of("credential_id", id(grant).toString())).then().statusCode(201);
        assertThat(stored()).isEqualTo(CREDENTIALS);
    }

    @Test
    void aRevokedCredentialLeavesItsPlaceAndNeedsOneToComeBack() {
        Map<String, Object> revoked = filled();
        Api.as(key).delete("/api/v1/credentials/" + id(revoked)).then().statusCode(200);
        assertThat(store(key, Api.grant()).statusCode()).isEqualTo(201);

        assertFull(store(key, changed(revoked)));
        assertThat(database().get(id(revoked), "status")).isEqualTo("revoked");

        database()
                .run("DELETE FROM oauth_credentials WHERE tenant_id = '" + tenant
                        + "' AND status = 'active' AND user_email <> '" + revoked.get("user") + "'");
        assertThat(store(key, changed(revoked)).statusCode()).isEqualTo(200);
        assertThat(database().one("SELECT credentials FROM tenant_counts WHERE tenant_id = '" + tenant + "'"))
                .isEqualTo("1");
    }

    @Test
    void nobodyIsSentToAProviderForWhatCouldNotBeStored() {
        filled();

        assertFull(Api.session(key, wish(Api.grant())));
    }

    @Test
    void noTokenIsAskedForThatCouldNotBeStored() {
        filled();

        assertFull(store(
                key,
                Map.of("provider", "strict", "user", "full", "grant_type", "client_credentials", "audience", "full")));

        assertThat(provider.calls("full")).isEmpty();
    }

    @Test
    void aHundredNewLinksAtOnceAreAsManyAsTheCallerMayHave() {
        Map<Integer, List<Response>> answers = atOnce(n -> Api.session(key, wish(Api.grant())));

        assertThat(answers.keySet()).containsExactlyInAnyOrder(201, 429);
        assertThat(answers.get(201)).hasSize(SESSIONS_PER_CALLER);
        answers.get(429).forEach(answer -> assertTooMany(answer, "connect_sessions_per_caller"));
        assertThat(pending()).isEqualTo(SESSIONS_PER_CALLER);
        assertThat(database()
                        .count("SELECT count(*) FROM audit_events WHERE operation = 'connect_created' AND tenant_id = '"
                                + tenant + "'"))
                .isEqualTo(SESSIONS_PER_CALLER);
    }

    @Test
    void theLinksOfAllCallersAreAsManyAsTheTenantMayHave() {
        List<String> keys = IntStream.range(0, 4)
                .mapToObj(n -> Api.key(tenant, "connector"))
                .toList();

        Map<Integer, List<Response>> answers = atOnce(n -> Api.session(keys.get(n % 4), wish(Api.grant())));

        assertThat(answers.get(201)).hasSize(SESSIONS_PER_TENANT);
        assertTooMany(Api.session(key, wish(Api.grant())), "connect_sessions_per_tenant");
        assertThat(pending()).isEqualTo(SESSIONS_PER_TENANT);
    }

    @Test
    void aLinkThatIsOverLeavesItsPlace() {
        for (int i = 0; i < SESSIONS_PER_CALLER; i++) {
            Api.session(key, wish(Api.grant())).then().statusCode(201);
        }
        assertTooMany(Api.session(key, wish(Api.grant())), "connect_sessions_per_caller");

        database()
                .run(
                        "UPDATE connect_sessions SET status = 'connected' WHERE session_id IN (SELECT session_id FROM connect_sessions"
                                + " WHERE tenant_id = '" + tenant + "' LIMIT 1)");
        Api.session(key, wish(Api.grant())).then().statusCode(201);
        assertTooMany(Api.session(key, wish(Api.grant())), "connect_sessions_per_caller");
        database()
                .run(
                        "UPDATE connect_sessions SET expires_at = clock_timestamp() WHERE session_id IN (SELECT session_id FROM"
                                + " connect_sessions WHERE tenant_id = '" + tenant
                                + "' AND status = 'created' LIMIT 1)");
        Api.session(key, wish(Api.grant())).then().statusCode(201);
    }

    /** The tenant's last credential, of as many as it may have. */
    private Map<String, Object> filled() {
        Map<String, Object> last = Map.of();
        for (int i = 0; i < CREDENTIALS; i++) {
            last = Api.grant();
            assertThat(store(key, last).statusCode()).isEqualTo(201);
        }
        assertFull(store(key, Api.grant()));
        return last;
    }

    private UUID id(Map<String, Object> grant) {
        return UUID.fromString(database()
                .one("SELECT credential_id FROM oauth_credentials WHERE user_email = '" + grant.get("user") + "'"));
    }

    private static Map<String, Object> changed(Map<String, Object> grant) {
        Map<String, Object> changed = new HashMap<>(grant);
        changed.put("access_token", Api.unique("access"));
        return changed;
    }

    private static Map<String, Object> wish(Map<String, Object> grant) {
        return Map.of("provider", "sandbox", "user", grant.get("user"));
    }

    private static Response store(String key, Map<String, Object> grant) {
        return Api.as(key).body(grant).post("/api/v1/credentials");
    }

    private static void assertFull(Response answer) {
        assertThat(Api.assertProblem(answer, 409, "quota-exceeded").<String>path("code"))
                .isEqualTo("credentials_per_tenant");
    }

    private static void assertTooMany(Response answer, String code) {
        assertThat(Api.assertProblem(answer, 429, "too-many-connect-sessions").<String>path("code"))
                .isEqualTo(code);
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 600);
    }

    private long stored() {
        return database().count("SELECT count(*) FROM oauth_credentials WHERE tenant_id = '" + tenant + "'");
    }

    private long pending() {
        return database().count("SELECT count(*) FROM connect_sessions WHERE tenant_id = '" + tenant + "'");
    }

    private TestDatabase database() {
        return new TestDatabase(dataSource);
    }

    /** A hundred answers to {@code call} by their status. */
    private static Map<Integer, List<Response>> atOnce(IntFunction<Response> call) {
        try (ExecutorService callers = Executors.newFixedThreadPool(PARALLEL)) {
            List<Future<Response>> answers = IntStream.range(0, PARALLEL)
                    .mapToObj(n -> callers.submit(() -> patiently(call, n)))
                    .toList();
            return answers.stream().map(QuotaIT::answer).collect(Collectors.groupingBy(Response::statusCode));
        }
    }

    /** Retries as the answer asks when all database connections are in use. */
    private static Response patiently(IntFunction<Response> call, int n) throws InterruptedException {
        Response answer = call.apply(n);
        for (int i = 0; i < MOST_RETURNS && answer.statusCode() == 503; i++) {
            Thread.sleep(1000L * Integer.parseInt(answer.header("Retry-After")));
            answer = call.apply(n);
        }
        return answer;
    }

    private static Response answer(Future<Response> call) {
        try {
            return call.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    public static class Limits implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "nexus.oauth.limits.credentials-per-tenant",
                    "" + CREDENTIALS,
                    "nexus.oauth.limits.connect-sessions-per-tenant",
                    "" + SESSIONS_PER_TENANT,
                    "nexus.oauth.limits.connect-sessions-per-caller",
                    "" + SESSIONS_PER_CALLER);
        }
    }
}
