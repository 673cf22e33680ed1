package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.testing.StrictProvider;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The limit of refreshes per credential, with the default of production. */
@QuarkusTest
@TestProfile(RefreshLimitIT.Limited.class)
class RefreshLimitIT {

    /** The default, which the other tests do without. */
    public static class Limited implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("nexus.oauth.refresh.min-interval", "30s");
        }
    }

    private StrictProvider provider;

    @Test
    void aNewTokenIsNotRefreshedOutOfTurn() {
        String key = Api.newTenant();
        Map<String, Object> grant = Api.grant();
        grant.put("refresh_token", "r");
        String id = Api.imported(key, grant);
        double before = Api.metric("nexus_oauth_token_requests_total", "outcome=\"limited\"");

        for (Response refused : List.of(
                Api.as(key).post("/api/v1/credentials/" + id + "/refresh"),
                Api.as(key).body(Map.of("version", 1)).post("/api/v1/credentials/" + id + "/rejected"))) {
            Api.assertProblem(refused, 429, "too-many-refreshes");
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 30);
            assertThat(refused.header("Cache-Control")).isEqualTo("no-store");
        }

        assertThat(Api.metric("nexus_oauth_token_requests_total", "outcome=\"limited\""))
                .isEqualTo(before + 2);
        Api.as(key).get("/api/v1/credentials/" + id + "/token").then().statusCode(200);
    }

    /** Each creation is a request to the provider, so it is as rare as a forced refresh. */
    @Test
    void aMachineConnectionIsNotCreatedAgainOutOfTurn() {
        String key = Api.newTenant();
        Map<String, Object> machine = Map.of(
                "provider", "strict", "user", "billing", "grant_type", "client_credentials", "audience", "billing");
        String id = Api.as(key).body(machine).post("/api/v1/credentials").path("id");

        for (int again = 1; again <= 2; again++) {
            Response refused = Api.as(key).body(machine).post("/api/v1/credentials");

            Api.assertProblem(refused, 429, "too-many-refreshes");
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 30);
            Api.as(key).delete("/api/v1/credentials/" + id).then().statusCode(200);
        }
        assertThat(provider.machineRequests()).hasSize(1);
    }
}
