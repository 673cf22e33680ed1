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
                .startsWith("credential_created", "credential_updated", "credential_revoked");
        assertThat(trail.<List<String>>path("items.credential_id")).containsOnly(id);
        assertThat(trail.<List<String>>path("items.provider")).containsOnly("sandbox");
        assertThat(trail.<List<String>>path("items.user")).containsOnly((String) grant.get("user"));
        assertThat(trail.<List<String>>path("items.actor").subList(0, 3))
                .allMatch(actor -> actor.startsWith("key:test:"));
        assertThat(trail.<String>path("next")).isNull();
        assertThat(trail.asString()).doesNotContain((String) grant.get("access_token"));
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

        assertThat(seen).containsExactlyElementsOf(made);
    }
}
