package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ApiKeyResourceTest {

    @Inject
    Pool pool;

    private final String tenant = Api.unique("tenant");

    @Test
    void aKeyIsShownOnceAndItsDigestKept() {
        Response issued = issue(Map.of("name", "reader", "tenant", tenant, "roles", List.of("token-reader")));

        issued.then()
                .statusCode(201)
                .header("Cache-Control", "no-store")
                .body("tenant", equalTo(tenant))
                .body("roles", equalTo(List.of("token-reader")))
                .body("created_by", equalTo("bootstrap"));
        String key = issued.path("key");
        assertThat(key)
                .matches("nxo_[a-f0-9]{12}_[A-Za-z0-9_-]{43}_[a-f0-9]{8}")
                .contains(issued.<String>path("id"));
        Response listed = Api.admin().queryParam("tenant", tenant).get("/api/v1/api-keys");
        assertThat(listed.<List<String>>path("items.id")).containsExactly(issued.<String>path("id"));
        assertThat(listed.<List<String>>path("items.key")).containsOnlyNulls();
        assertThat(row(issued.path("id"))).contains("reader").doesNotContain(key, key.substring(17, 60));
    }

    @Test
    void aKeyLivesNinetyDaysOrAsLongAsAsked() {
        assertThat(life(issue(Map.of("name", "a", "tenant", tenant, "roles", List.of("auditor")))))
                .isEqualTo(Duration.ofDays(90));
        assertThat(life(issue(Map.of("name", "a", "tenant", tenant, "roles", List.of("auditor"), "expires_in", 60))))
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(life(issue(Map.of(
                        "name", "a", "tenant", tenant, "roles", List.of("auditor"), "expires_in", 366 * 86_400))))
                .isEqualTo(Duration.ofDays(366));
    }

    /** Keys that were revoked or have expired do not count, and another tenant has room. */
    @Test
    void aTenantHasAThousandKeysThatWork() {
        Map<String, Object> wish = Map.of("name", "a", "tenant", tenant, "roles", List.of("auditor"));
        pool.preparedQuery("""
                        INSERT INTO api_keys (key_id, tenant_id, name, roles, digest, terms_digest, created_by, created_at, expires_at, revoked_at)
                        SELECT $1 || n, $1, 'a', 'auditor', 'd', 't', 'b', now() - interval '2 days',
                          now() + CASE WHEN n <= 1001 THEN interval '1 day' ELSE interval '-1 day' END,
                          CASE WHEN n <= 2 THEN now() END
                        FROM generate_series(1, 1100) AS n""").execute(Tuple.of(tenant)).await().indefinitely();
        String last = issue(wish).then().statusCode(201).extract().path("id");

        Response refused = issue(wish);

        Api.assertProblem(refused, 409, "quota-exceeded");
        refused.then().body("code", equalTo("api_keys_per_tenant"));
        assertThat(refused.<String>path("detail")).contains("1000 API keys that work: revoke those that nobody uses");
        issue(Map.of("name", "a", "tenant", Api.unique("tenant"), "roles", List.of("auditor")))
                .then()
                .statusCode(201);
        Api.admin()
                .queryParam("tenant", tenant)
                .delete("/api/v1/api-keys/" + last)
                .then()
                .statusCode(204);
        issue(wish).then().statusCode(201);
    }

    @Test
    void aRevokedKeyStaysInTheListAndWorksNoMore() {
        Response issued = issue(Map.of("name", "a", "tenant", tenant, "roles", List.of("auditor")));
        Api.as(issued.path("key")).get("/api/v1/audit").then().statusCode(200);

        revoke(issued.path("id"), tenant).then().statusCode(204);

        Api.assertProblem(Api.as(issued.path("key")).get("/api/v1/audit"), 401, "unauthorized");
        assertThat(Api.admin()
                        .queryParam("tenant", tenant)
                        .get("/api/v1/api-keys")
                        .<List<String>>path("items.revoked_at"))
                .doesNotContainNull();
        Api.assertProblem(revoke(issued.path("id"), tenant), 404, "not-found");
    }

    @Test
    void aKeyOfAnotherTenantIsNotRevokedByItsIdAlone() {
        Response issued = issue(Map.of("name", "a", "tenant", tenant, "roles", List.of("auditor")));

        Api.assertProblem(revoke(issued.path("id"), Api.unique("tenant")), 404, "not-found");

        Api.as(issued.path("key")).get("/api/v1/audit").then().statusCode(200);
    }

    @Test
    void withoutATenantItIsTheCallersOwn() {
        String admin = Api.key(tenant, "admin");

        Api.as(admin)
                .body(Map.of("name", "a", "roles", List.of("auditor")))
                .post("/api/v1/api-keys")
                .then()
                .statusCode(201)
                .body("tenant", equalTo(tenant));
        assertThat(Api.as(admin).get("/api/v1/api-keys").<List<String>>path("items.tenant"))
                .hasSize(2)
                .containsOnly(tenant);
    }

    @Test
    void aKeyIsReplacedWhileTheOneBeforeStillWorks() {
        Map<String, Object> wish = Map.of("name", "reader", "tenant", tenant, "roles", List.of("auditor"));
        Response before = issue(wish);
        Response after = issue(wish);
        Api.as(before.path("key")).get("/api/v1/audit").then().statusCode(200);
        Api.as(after.path("key")).get("/api/v1/audit").then().statusCode(200);

        revoke(before.path("id"), tenant).then().statusCode(204);

        Api.assertProblem(Api.as(before.path("key")).get("/api/v1/audit"), 401, "unauthorized");
        Api.as(after.path("key")).get("/api/v1/audit").then().statusCode(200);
    }

    private static Response issue(Map<String, Object> wish) {
        return Api.admin().body(wish).post("/api/v1/api-keys");
    }

    private static Response revoke(String id, String tenant) {
        return Api.admin().queryParam("tenant", tenant).delete("/api/v1/api-keys/" + id);
    }

    private static Duration life(Response issued) {
        return Duration.between(Instant.parse(issued.path("created_at")), Instant.parse(issued.path("expires_at")));
    }

    private String row(String id) {
        return pool.preparedQuery("SELECT k::text AS row FROM api_keys k WHERE key_id = $1")
                .execute(Tuple.of(id))
                .map(rows -> rows.iterator().next().getString("row"))
                .await()
                .indefinitely();
    }
}
