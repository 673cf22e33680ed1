package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditResourceTest {

    @Inject
    AgroalDataSource dataSource;

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
        assertThat(trail.<List<String>>path("items.credential_id").subList(1, 4))
                .containsOnly(id);
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
        assertThat(trail.<List<String>>path("items.actor").subList(1, 6))
                .allMatch(actor -> actor.startsWith("key:test:"));
        assertThat(trail.asString()).doesNotContain(secret, "first-secret", "other-secret");
    }

    @Test
    void aConnectSessionTellsHowFarItCame() {
        String user = Api.unique("user");
        Response session =
                Api.as(key).body(Map.of("provider", "sandbox", "user", user)).post("/api/v1/connect-sessions");
        session.then().statusCode(201);

        Response trail = Api.as(key).get("/api/v1/audit");

        assertThat(trail.<List<String>>path("items.operation")).containsExactly("api_key_issued", "connect_created");
        assertThat(trail.<String>path("items[1].subject")).isEqualTo(session.path("id"));
        assertThat(trail.<String>path("items[1].user")).isEqualTo(user);
        assertThat(trail.asString()).doesNotContain(session.<String>path("url"));
    }

    @Test
    void theNewestComeFirstWhereThatIsAskedFor() {
        for (int i = 0; i < 3; i++) {
            Api.imported(key, Api.grant());
        }
        List<Integer> rising = Api.as(key).get("/api/v1/audit").path("items.id");

        List<Integer> falling = new ArrayList<>();
        String cursor = "";
        for (int pages = 0; cursor != null && pages < 10; pages++) {
            Response page = Api.as(key)
                    .queryParam("order", "newest")
                    .queryParam("limit", 2)
                    .queryParam("cursor", cursor)
                    .get("/api/v1/audit");
            page.then().statusCode(200);
            falling.addAll(page.<List<Integer>>path("items.id"));
            cursor = page.path("next");
        }

        assertThat(falling).isEqualTo(rising.reversed());
        Api.assertProblem(Api.as(key).get("/api/v1/audit?order=sideways"), 400, "invalid-request");
    }

    @Test
    void aDayBeginsAtMidnightUtc() {
        Api.imported(key, Api.grant());
        String tomorrow = LocalDate.now(ZoneOffset.UTC).plusDays(1).toString();

        assertThat(Api.as(key).get("/api/v1/audit?to=" + tomorrow).<List<?>>path("items"))
                .hasSize(2);
        assertThat(Api.as(key).get("/api/v1/audit?from=" + tomorrow).<List<?>>path("items"))
                .isEmpty();
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

    @Test
    void linesAreFoundByWhatTheyTell() {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        String other = Api.imported(key, Api.grant());
        Api.as(key).delete("/api/v1/credentials/" + id).then().statusCode(200);
        String actor = Api.as(key).get("/api/v1/audit").path("items[1].actor");

        assertThat(operations("credential_id", id)).startsWith("credential_created", "credential_revoked");
        assertThat(operations("user", grant.get("user"))).startsWith("credential_created", "credential_revoked");
        assertThat(operations("operation", "credential_revoked")).containsExactly("credential_revoked");
        assertThat(operations("provider", "sandbox")).startsWith("credential_created", "credential_created");
        assertThat(operations("provider", "google")).isEmpty();
        assertThat(operations("actor", "bootstrap")).containsExactly("api_key_issued");
        assertThat(operations("actor", actor)).doesNotContain("api_key_issued");
        assertThat(operations("from", "2100-01-01T00:00:00Z")).isEmpty();
        assertThat(operations("to", "2000-01-01T00:00:00Z")).isEmpty();
        assertThat(operations("from", "2000-01-01T00:00:00Z")).contains("api_key_issued");
        assertThat(Api.as(key)
                        .queryParam("operation", "credential_created")
                        .queryParam("credential_id", other)
                        .get("/api/v1/audit")
                        .<List<String>>path("items.credential_id"))
                .containsExactly(other);
    }

    @Test
    void aWrongSearchSaysWhatIsWrong() {
        for (String wrong : List.of(
                "from=yesterday", "to=%2B1000000-01-01T00:00:00Z", "credential_id=1-1-1-1-1", "cursor=x", "limit=0")) {
            Api.assertProblem(Api.as(key).get("/api/v1/audit?" + wrong), 400, "invalid-request");
        }
        Api.assertProblem(Api.as(key).get("/api/v1/audit/export?from=yesterday"), 400, "invalid-request");
    }

    @Test
    void theExportIsOneLineForEachEntry() throws Exception {
        for (int i = 0; i < 3; i++) {
            Api.imported(key, Api.grant());
        }
        List<Integer> ids = Api.as(key).get("/api/v1/audit").path("items.id");

        Response lines = Api.as(key).get("/api/v1/audit/export");

        lines.then().statusCode(200).header("Cache-Control", "no-store");
        assertThat(lines.contentType()).startsWith("application/x-ndjson");
        assertThat(lines.header("Content-Disposition")).contains("audit.jsonl");
        ObjectMapper json = new ObjectMapper();
        List<Integer> exported = new ArrayList<>();
        for (String line : lines.asString().split("\n")) {
            exported.add(json.readTree(line).get("id").asInt());
        }
        assertThat(exported).isEqualTo(ids);
        assertThat(lines.asString()).endsWith("}\n").doesNotContain("\n\n");

        Response csv =
                Api.as(key).header("Accept", "text/csv").get("/api/v1/audit/export?operation=credential_created");
        csv.then().statusCode(200);
        assertThat(csv.contentType()).startsWith("text/csv");
        assertThat(csv.asString().lines()).hasSize(4);
        assertThat(csv.asString()).startsWith("id,at,operation,");
        Response empty = Api.as(key).header("Accept", "text/csv").get("/api/v1/audit/export?operation=nothing");
        assertThat(empty.asString()).isEqualTo(AuditExportFormat.HEADER);
        assertThat(Api.as(key).get("/api/v1/audit/export?operation=nothing").asString())
                .isEmpty();
    }

    @Test
    void aLongExportIsWholeAndInOrder() {
        String tenant = Api.unique("tenant");
        String auditor = Api.key(tenant, "auditor");
        new TestDatabase(dataSource)
                .run("INSERT INTO audit_events (tenant_id, operation, actor, subject) SELECT '" + tenant
                        + "', 'many', 'tester', n::text FROM generate_series(1, 20000) n");

        String csv = Api.as(auditor)
                .header("Accept", "text/csv")
                .get("/api/v1/audit/export?operation=many")
                .asString();

        List<String> lines = csv.lines().skip(1).toList();
        assertThat(lines).hasSize(20_000);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i).split(",")[7]).isEqualTo("\"" + (i + 1) + "\"");
        }
        String json = Api.as(auditor).get("/api/v1/audit/export?operation=many").asString();
        assertThat(json.lines()).hasSize(20_000).allMatch(line -> line.startsWith("{"));
        new TestDatabase(dataSource).run("DELETE FROM audit_events WHERE tenant_id = '" + tenant + "'");
    }

    @Test
    void aTenantAdminSearchesAndExportsNothing() {
        String admin = Api.key(Api.unique("tenant"), "tenant-admin");

        Api.as(admin).get("/api/v1/audit").then().statusCode(200);
        Api.assertProblem(Api.as(admin).get("/api/v1/audit/export"), 403, "forbidden");
        Api.assertProblem(Api.as(admin).get("/api/v1/audit/verify"), 403, "forbidden");
    }

    private List<String> operations(String filter, Object value) {
        Response found = Api.as(key).queryParam(filter, value).get("/api/v1/audit");
        found.then().statusCode(200);
        return found.path("items.operation");
    }
}
