package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.testing.RowLevelSecurity;
import io.nexus.oauth.testing.RunningSchedule;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Repeats the tests of isolation with row-level security: callers still get their own data. */
@QuarkusTest
@TestProfile(RowLevelSecurity.class)
class IsolationInTheDatabaseIT extends IsolationTest implements RunningSchedule {

    private TestDatabase database;

    @BeforeEach
    void enable() {
        database = RowLevelSecurity.enabled(dataSource);
    }

    @Test
    void everyRouteWorksForWhatIsTheCallersOwn() {
        String key = Api.newTenant();
        Map<String, Object> grant = Api.grant("refresh_token", "a-refresh-token");
        String id = Api.imported(key, grant);
        String path = "/api/v1/credentials/" + id;
        Api.as(key)
                .body(Map.of("client_id", "mine", "client_secret", "hush"))
                .put("/api/v1/clients/zoom")
                .then()
                .statusCode(200);
        String session = Api.session(key, Map.of("credential_id", id)).path("id");
        database.run("INSERT INTO credential_usage VALUES ('" + id + "', '2026-01-01', 7)");

        Api.as(key)
                .get("/api/v1/token?provider=sandbox&user=" + grant.get("user"))
                .then()
                .statusCode(200);
        Api.as(key).get(path).then().statusCode(200);
        Api.as(key).get("/api/v1/credentials").then().body("items.id", equalTo(List.of(id)));
        Api.as(key).get(path + "/usage").then().body("items.handouts", equalTo(List.of(7)));
        Api.as(key).get("/api/v1/clients").then().body("items.client_id", equalTo(List.of("mine")));
        Api.as(key).get("/api/v1/clients/zoom").then().body("client_id", equalTo("mine"));
        Api.as(key).get("/api/v1/api-keys").then().body("items.name", equalTo(List.of("test")));
        Api.as(key).get("/api/v1/connect-sessions/" + session).then().body("status", equalTo("created"));
        Api.as(key).delete(path).then().statusCode(200).body("credential.status", equalTo("revoked"));
        assertThat(Api.as(key).get("/api/v1/audit").<List<String>>path("items.operation"))
                .contains("credential_created", "client_registered", "connect_created", "credential_revoked");
        assertThat(Api.as(key).get("/api/v1/audit/export").asString()).contains("credential_revoked");
        assertThat(database.one("SELECT credentials FROM tenant_counts t JOIN oauth_credentials USING (tenant_id)"
                        + " WHERE credential_id = '" + id + "'"))
                .isEqualTo("0");
    }

    @Test
    void isNotReadyWhileTheTablesAreOpen() {
        Api.management().get("/q/health/ready").then().statusCode(200);
        database.run("ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY");
        try {
            Api.management()
                    .get("/q/health/ready")
                    .then()
                    .statusCode(503)
                    .body("checks.find { it.name == 'database' }.data.row_level_security", equalTo("inactive"));
        } finally {
            RowLevelSecurity.enabled(dataSource);
        }
        Api.management().get("/q/health/ready").then().statusCode(200);
    }
}
