package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class OverviewResourceTest {

    @Inject
    Pool pool;

    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.newTenant();
    }

    private JsonPath overview() {
        return Api.as(key)
                .get("/api/v1/overview")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private String imported(String column, Object value) {
        return imported(Api.grant(), column, value);
    }

    private String imported(Map<String, Object> grant, String column, Object value) {
        String id = Api.imported(key, grant);
        pool.preparedQuery("UPDATE oauth_credentials SET " + column + " WHERE credential_id = $1")
                .execute(value == null ? Tuple.of(UUID.fromString(id)) : Tuple.of(UUID.fromString(id), value))
                .await()
                .indefinitely();
        return id;
    }

    @Test
    void anEmptyTenantHasNothing() {
        JsonPath overview = overview();

        assertThat(overview.getLong("total.valid")).isZero();
        assertThat(overview.getList("providers")).isEmpty();
        assertThat(overview.getList("refreshes")).hasSize(24);
    }

    @Test
    void countsEachOnce() {
        String ending = Api.imported(key, Api.grant()); // good for an hour, and no refresh token
        imported("expires_at = NULL", null);
        imported("expires_at = now() - interval '1 hour'", null); // and no refresh token
        imported(Api.grant("refresh_token", Api.unique("refresh")), "expires_at = now() - interval '1 hour'", null);
        imported("status = 'reauth_required'", null);
        imported(
                "failures = 2, last_error = $2, last_failed_at = now(), expires_at = now() + interval '30 days'",
                "temporarily_unavailable");
        String revoked = Api.imported(key, Api.grant());
        Api.as(key).post("/api/v1/credentials/" + revoked + "/revoke").then().statusCode(200);

        JsonPath overview = overview();

        assertThat(overview.<Map<String, Object>>get("total"))
                .containsEntry("valid", 3)
                .containsEntry("ending", 1)
                .containsEntry("expired", 2)
                .containsEntry("lapsed", 1)
                .containsEntry("reauth_required", 1)
                .containsEntry("revoked", 1)
                .containsEntry("failing", 1)
                .containsEntry(
                        "states",
                        Map.of("valid", 2, "expiring", 1, "expired", 1, "reconnect_required", 2, "revoked", 1));
        assertThat(overview.getString("providers[0].provider")).isEqualTo("sandbox");
        assertThat(overview.getLong("providers[0].lapsed")).isEqualTo(1);
        assertThat(overview.getString("providers[0].last_error")).isEqualTo("temporarily_unavailable");
        assertThat(overview.getList("ending.id")).isEqualTo(List.of(ending));
    }

    /** A running attempt is unresolved. Only an attempt before it that stayed so is a failure. */
    @Test
    void aRunningRefreshIsNoFailure() {
        imported("unresolved = 1, lease_until = clock_timestamp() + interval '1 minute'", null);
        imported("unresolved = 2, lease_until = clock_timestamp() + interval '1 minute'", null);
        imported("unresolved = 1, lease_until = clock_timestamp() - interval '1 minute'", null);
        assertThat(overview().getInt("total.failing")).isEqualTo(2);
    }

    @Test
    void tellsOfTheRefreshesOfTheLastDay() {
        String tenant = Api.unique("tenant");
        String reader = Api.key(tenant, "tenant-admin");
        pool.preparedQuery("""
                        INSERT INTO audit_events (happened_at, tenant_id, operation, provider, user_email, actor, times)
                        VALUES (now(), $1, 'token_refreshed', 'sandbox', 'a', 'system', 3),
                          (now() - interval '3 hours', $1, 'token_refreshed', 'sandbox', 'a', 'system', 1),
                          (now() - interval '3 hours', $1, 'token_handed_out', 'sandbox', 'a', 'reader', 41),
                          (now() - interval '3 hours', $1, 'reauthorization_required', 'sandbox', 'a', 'system', 1),
                          (now() - interval '2 days', $1, 'token_refreshed', 'sandbox', 'a', 'system', 50)""").execute(Tuple.of(tenant)).await().indefinitely();

        JsonPath overview = Api.as(reader)
                .get("/api/v1/overview")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();

        List<Integer> refreshed = overview.getList("refreshes.refreshed");
        assertThat(refreshed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(4);
        int last = refreshed.lastIndexOf(3); // the hour may end meanwhile
        assertThat(last).isBetween(22, 23);
        assertThat(overview.<Integer>getList("refreshes.reauth_required").get(last - 3))
                .isEqualTo(1);
        assertThat(overview.<Integer>getList("refreshes.handed_out").get(last - 3))
                .isEqualTo(41);
        assertThat(Instant.parse(overview.getString("refreshes[23].start"))).isBefore(Instant.now());
    }

    @Test
    void anotherTenantCountsNothing() {
        Api.imported(Api.newTenant(), Api.grant());

        assertThat(overview().getList("providers")).isEmpty();
    }
}
