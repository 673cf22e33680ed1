package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditResourceTest {

    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.newTenant();
    }

    @Test
    void everyChangeIsKeptInItsOrder() {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        Api.as(key).body(grant).post("/api/v1/credentials").then().statusCode(200);
        Api.as(key).delete("/api/v1/credentials/" + id).then().statusCode(200);

        Response trail = Api.as(key).get("/api/v1/audit");

        trail.then().statusCode(200);
        assertThat(trail.<List<String>>path("items.operation"))
                .startsWith("api_key_issued", "credential_created", "credential_updated", "credential_revoked");
        assertThat(trail.<List<String>>path("items.credential_id").subList(1, 4)).containsOnly(id);
        assertThat(trail.<List<Integer>>path("items.version").subList(1, 4)).containsExactly(1, 2, 3);
        assertThat(trail.<List<String>>path("items.provider").subList(1, 4)).containsOnly("sandbox");
        assertThat(trail.<List<String>>path("items.user").subList(1, 4)).containsOnly((String) grant.get("user"));
        assertThat(trail.<List<String>>path("items.actor").subList(1, 4))
                .allMatch(actor -> actor.startsWith("key:test:"));
        assertThat(trail.<String>path("next")).isNull();
        assertThat(trail.asString()).doesNotContain((String) grant.get("access_token"));
    }

    @Test
    void keysAndClientsLeaveTheirLinesAndNoSecret() {
        String tenant = Api.unique("tenant");
        String admin = Api.key(tenant, Api.ALL_ROLES);
        Response issued = Api.as(admin)
                .body(Map.of("name", "short", "roles", List.of("token-reader")))
                .post("/api/v1/api-keys");
        String secret = issued.path("key");
        Api.as(admin).delete("/api/v1/api-keys/" + issued.path("id")).then().statusCode(204);
        Api.as(admin).delete("/api/v1/api-keys/" + issued.path("id")).then().statusCode(404);
        for (String clientSecret : List.of("first-secret", "other-secret")) {
            Api.as(admin)
                    .body(Map.of("client_id", "mine", "client_secret", clientSecret))
                    .put("/api/v1/clients/zoom")
                    .then()
                    .statusCode(200);
        }
        Api.as(admin).delete("/api/v1/clients/zoom").then().statusCode(204);
        Api.as(admin).delete("/api/v1/clients/zoom").then().statusCode(404);

        Response trail = Api.as(admin).get("/api/v1/audit");

        assertThat(trail.<List<String>>path("items.operation"))
                .containsExactly(
                        "api_key_issued",
                        "api_key_issued",
                        "api_key_revoked",
                        "client_registered",
                        "client_changed",
                        "client_deleted");
        assertThat(trail.<List<String>>path("items.subject").subList(1, 6))
                .containsExactly(issued.path("id"), issued.path("id"), "mine", "mine", "mine");
        assertThat(trail.<List<String>>path("items.detail").get(1)).isEqualTo("token-reader");
        assertThat(trail.<List<String>>path("items.actor").getFirst()).isEqualTo("bootstrap");
        assertThat(trail.<List<String>>path("items.actor").subList(1, 6)).allMatch(actor -> actor.startsWith("key:test:"));
        assertThat(trail.asString()).doesNotContain(secret, "first-secret", "other-secret");
    }

    @Test
    void aConnectSessionTellsHowFarItCame() {
        String user = Api.unique("user");
        Response session = Api.as(key).body(Map.of("provider", "sandbox", "user", user)).post("/api/v1/connect-sessions");
        session.then().statusCode(201);

        Response trail = Api.as(key).get("/api/v1/audit");

        assertThat(trail.<List<String>>path("items.operation")).containsExactly("api_key_issued", "connect_created");
        assertThat(trail.<String>path("items[1].subject")).isEqualTo(session.path("id"));
        assertThat(trail.<String>path("items[1].user")).isEqualTo(user);
        assertThat(trail.asString()).doesNotContain(session.<String>path("url"));
    }

    @Test
    void pagesNeitherRepeatNorHide() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(Api.imported(key, Api.grant()));
        }

        List<String> seen = new ArrayList<>();
        String cursor = "0";
        while (cursor != null) {
            Response page = Api.as(key).get("/api/v1/audit?limit=2&cursor=" + cursor);
            page.then().statusCode(200);
            assertThat(page.<List<?>>path("items")).hasSizeBetween(1, 2);
            seen.addAll(page.path("items.credential_id"));
            cursor = page.path("next");
        }
        seen.remove(null); // the making of the key

        assertThat(seen).containsExactlyElementsOf(made);
    }
}
