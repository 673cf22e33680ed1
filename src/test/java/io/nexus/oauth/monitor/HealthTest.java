package io.nexus.oauth.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HealthTest {

    @Test
    void livesAndIsReady() {
        Api.management().get("/q/health/live").then().statusCode(200).body("status", equalTo("UP"));
        Api.management()
                .get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks.name", hasItems("database", "keyring", "journal"));
    }

    @Test
    void managementIsNotOnTheServicesPort() {
        for (String path : List.of("/q/health", "/q/metrics", "/openapi", "/q/openapi", "/q/swagger-ui")) {
            io.restassured.RestAssured.given().get(path).then().statusCode(404);
        }
    }

    @Test
    void theApiIsPublishedWithoutTheSandbox() {
        String document = Api.management()
                .get("/openapi")
                .then()
                .statusCode(200)
                .extract()
                .asString();

        assertThat(document)
                .contains("/api/v1/token", "Nexus OAuth")
                .doesNotContain("/sandbox", "/callback", "/connect/{link}");
    }

    @Test
    void aProviderInTroubleIsDownInItsGroupAndTheServiceStaysReady() {
        String key = Api.newTenant();
        Api.as(key)
                .body(Map.of("client_id", "mine", "client_secret", "secret"))
                .put("/api/v1/clients/unreachable")
                .then()
                .statusCode(200);
        double failures = Api.metric("nexus_oauth_refresh_failures_total", "provider=\"unreachable\"");

        fail(key);
        fail(key);
        assertThat(statusOf("provider-unreachable")).isEqualTo("UP");
        fail(key);

        assertThat(statusOf("provider-unreachable")).isEqualTo("DOWN");
        Response group = Api.management().get("/q/health/group/providers");
        assertThat(group.statusCode()).isEqualTo(503);
        assertThat(group.asString()).doesNotContain("127.0.0.1", "Exception", "mine", "secret");
        Api.management().get("/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
        Api.management().get("/q/health/live").then().statusCode(200).body("status", equalTo("UP"));
        assertThat(Api.management().get("/q/health/ready").asString()).doesNotContain("provider-");
        assertThat(Api.metric("nexus_oauth_refresh_failures_total", "provider=\"unreachable\""))
                .isEqualTo(failures + 3);
    }

    @Test
    void trafficIsCountedByProviderAndByNothingPersonal() {
        String user = Api.unique("user") + "@example.com";
        new Browser().connect(Api.link(user), "alice@example.com");
        String id = Api.token("sandbox", user).path("credential_id");
        Api.admin().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200);
        Api.admin().delete("/api/v1/credentials/" + id).then().statusCode(200);

        for (String name : List.of(
                "nexus_oauth_token_requests_total",
                "nexus_oauth_token_request_duration_seconds_count",
                "nexus_oauth_refresh_total",
                "nexus_oauth_refresh_duration_seconds_count",
                "nexus_oauth_connect_flows_total",
                "nexus_oauth_revocations_total")) {
            assertThat(Api.metric(name, "provider=\"sandbox\"")).as(name).isPositive();
        }
        String metrics = Api.management().get("/q/metrics").asString();
        assertThat(metrics).doesNotContain(user, "tenant=", id, "@example.com");
        assertThat(metrics).contains("uri=\"/api/v1/credentials/{id}/refresh\"");
    }

    @Test
    void unknownNamesMakeNoNewSeries() {
        String key = Api.newTenant();
        series(key, "warm-up");
        long before = series();
        int unknown = 100;
        for (int i = 0; i < unknown; i++) {
            series(key, Api.unique("no-such"));
        }
        // a timer that saw its first event meanwhile is fine; one series for each name is not
        assertThat(series()).isLessThan(before + unknown);
        assertThat(Api.management().get("/q/metrics").asString()).doesNotContain("no-such");
    }

    private static void series(String key, String name) {
        Api.as(key).queryParam("provider", name).queryParam("user", name).get("/api/v1/token");
        Api.as(key).get("/api/v1/providers/" + name);
        Api.as(key).get("/api/v1/clients/" + name);
        Api.as(key).get("/callback/" + name + "?state=x&code=y");
        Api.as(key).get("/connect/" + name);
        Api.as(key).get("/" + name);
    }

    private static long series() {
        return Api.management()
                .get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .count();
    }

    private static void fail(String key) {
        Map<String, Object> grant = Api.grant("expires_in", 0);
        grant.put("provider", "unreachable");
        grant.put("refresh_token", "refresh");
        String id = Api.imported(key, grant);
        Response response = Api.as(key).get("/api/v1/credentials/" + id + "/token");
        Api.assertProblem(response, 503, "provider-unavailable");
        assertThat(Integer.parseInt(response.header("Retry-After"))).isPositive();
        Api.as(key).delete("/api/v1/credentials/" + id).then().statusCode(200);
    }

    private static String statusOf(String check) {
        return Api.management()
                .get("/q/health/group/providers")
                .path("checks.find { it.name == '" + check + "' }.status");
    }
}
