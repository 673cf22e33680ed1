package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class CredentialResourceTest {

    @Inject
    AgroalDataSource dataSource;

    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.newTenant();
    }

    @Test
    void anAccountKeepsItsIdWhenItsGrantIsReplaced() {
        Map<String, Object> grant = Api.grant();
        grant.put("refresh_token", "first-refresh");
        grant.put("scopes", List.of("files.read", "email"));
        grant.put("account_id", "4711");
        grant.put("account_label", "Älice ✓");
        grant.put("metadata", Map.of("instance_url", "https://eu.example"));

        Response created = store(grant);

        created.then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/credentials/" + created.path("id")))
                .body("status", equalTo("active"))
                .body("version", equalTo(1))
                .body("refreshable", equalTo(true))
                .body("expired", equalTo(false))
                .body("scopes", equalTo(List.of("files.read", "email")))
                .body("client_id", equalTo("nexus-local"))
                .body("account_id", equalTo("4711"))
                .body("account_label", equalTo("Älice ✓"))
                .body("metadata.instance_url", equalTo("https://eu.example"));
        assertThat(created.asString()).doesNotContain("first-refresh", (String) grant.get("access_token"));

        grant.put("access_token", "another-access");
        Response replaced = store(grant);

        replaced.then().statusCode(200).body("id", equalTo(created.path("id"))).body("version", equalTo(2));
        assertThat(token(grant).<String>path("access_token")).isEqualTo("another-access");
        Api.as(key)
                .get("/api/v1/credentials/" + created.path("id"))
                .then()
                .statusCode(200)
                .body("refreshable", equalTo(true))
                .body("created_by", containsString("key:test:"));
    }

    @Test
    void storesNothingOverWhatIsHereWhenAskedTo() {
        Map<String, Object> grant = Api.grant();
        String id = Api.as(key)
                .header("If-None-Match", "*")
                .body(grant)
                .post("/api/v1/credentials")
                .then()
                .statusCode(201)
                .body("tenant", notNullValue())
                .extract()
                .path("id");
        Object first = grant.put("access_token", "older");

        Api.assertProblem(
                Api.as(key).header("If-None-Match", "*").body(grant).post("/api/v1/credentials"),
                412,
                "precondition-failed");
        assertThat(token(grant).<Object>path("access_token")).isEqualTo(first);

        Api.as(key).post("/api/v1/credentials/" + id + "/revoke").then().statusCode(200);
        Api.assertProblem(
                Api.as(key).header("If-None-Match", "*").body(grant).post("/api/v1/credentials"),
                412,
                "precondition-failed");
        Api.assertProblem(token(grant), 410, "credential-revoked");
    }

    @Test
    void aDryRunSaysWhatWouldBeAndStoresNothing() {
        Map<String, Object> grant = Api.grant();
        Api.as(key).body(grant).post("/api/v1/credentials?dry_run=true").then().statusCode(204);
        Api.assertProblem(token(grant), 404, "credential-not-found");

        Api.imported(key, grant);
        Api.as(key).body(grant).post("/api/v1/credentials?dry_run=true").then().statusCode(204);
        Api.assertProblem(
                Api.as(key).header("If-None-Match", "*").body(grant).post("/api/v1/credentials?dry_run=true"),
                412,
                "precondition-failed");
        Api.assertProblem(
                Api.as(key).body(Api.grant("provider", "nowhere")).post("/api/v1/credentials?dry_run=true"),
                400,
                "invalid-request");
        Api.assertProblem(Api.as(key).body(grant).post("/api/v1/credentials?dry_run=yes"), 400, "invalid-request");
    }

    @Test
    void aGrantOfAnotherAccountReplacesNothingUnlessAccepted() {
        Map<String, Object> grant = Api.grant();
        grant.put("account_id", "one");
        store(grant).then().statusCode(201);
        Object first = grant.put("access_token", "of-the-other-account");
        grant.put("account_id", "other");

        Api.assertProblem(store(grant), 409, "conflict");
        assertThat(token(grant).<Object>path("access_token")).isEqualTo(first);

        grant.put("accept_other_account", true);
        store(grant).then().statusCode(200).body("account_id", equalTo("other"));
        assertThat(token(grant).<String>path("access_token")).isEqualTo("of-the-other-account");
    }

    @Test
    void handsOutATokenByAccountAndById() {
        Map<String, Object> grant = Api.grant("token_type", "bearer");
        String id = Api.imported(key, grant);

        for (Response response : List.of(token(grant), Api.as(key).get("/api/v1/credentials/" + id + "/token"))) {
            response.then()
                    .statusCode(200)
                    .body("access_token", equalTo(grant.get("access_token")))
                    .body("token_type", equalTo("Bearer"))
                    .body("credential_id", equalTo(id))
                    .body("provider", equalTo("sandbox"))
                    .body("user", equalTo(grant.get("user")))
                    .body("refresh_state", equalTo("fresh"))
                    .body("warning", equalTo(null));
            assertThat(response.<Integer>path("expires_in")).isBetween(3500, 3600);
        }
    }

    @Test
    void tellsHowOftenATokenWasHandedOutOnEachDay() {
        String id = Api.imported(key, Api.grant());
        new TestDatabase(dataSource)
                .run("INSERT INTO credential_usage SELECT '" + id + "', day, 7 FROM generate_series('2026-01-01'::date,"
                        + " '2026-01-05', '1 day') AS day");
        String path = "/api/v1/credentials/" + id + "/usage";

        Response first = Api.as(key).queryParam("limit", 3).get(path);
        first.then()
                .statusCode(200)
                .body("items.day", equalTo(List.of("2026-01-05", "2026-01-04", "2026-01-03")))
                .body("items.handouts", equalTo(List.of(7, 7, 7)));
        Api.as(key)
                .queryParam("limit", 3)
                .queryParam("cursor", first.<String>path("next"))
                .get(path)
                .then()
                .statusCode(200)
                .body("items.day", equalTo(List.of("2026-01-02", "2026-01-01")))
                .body("next", equalTo(null));

        Api.assertProblem(Api.as(key).queryParam("cursor", "yesterday").get(path), 400, "invalid-request");
        Api.assertProblem(Api.as(key).queryParam("limit", 0).get(path), 400, "invalid-request");
        Api.assertProblem(Api.as(Api.newTenant()).get(path), 404, "credential-not-found");
    }

    @Test
    void aTokenMayHaveNoEnd() {
        Map<String, Object> grant = Api.grant();
        grant.remove("expires_in");
        Api.imported(key, grant);

        token(grant).then().statusCode(200).body("expires_in", equalTo(null)).body("expires_at", equalTo(null));
    }

    @Test
    void aTokenThatEndsTooSoonIsHandedOutWithAWarning() {
        Map<String, Object> grant = Api.grant("expires_in", 300);
        String id = Api.imported(key, grant);

        Api.as(key)
                .get("/api/v1/credentials/" + id + "/token?min_ttl=100")
                .then()
                .body("warning", equalTo(null));
        Api.as(key)
                .get("/api/v1/credentials/" + id + "/token?min_ttl=86400&max_wait=0")
                .then()
                .statusCode(200)
                .body("access_token", equalTo(grant.get("access_token")));
    }

    @Test
    void whatIsOverAndCannotBeRefreshedHasToBeConnectedAgain() {
        Map<String, Object> grant = Api.grant("expires_in", 0);
        String id = Api.imported(key, grant);

        for (Response response : List.of(
                token(grant),
                Api.as(key).get("/api/v1/credentials/" + id + "/token"),
                Api.as(key).post("/api/v1/credentials/" + id + "/refresh"),
                Api.as(key).post("/api/v1/credentials/" + id + "/test"))) {
            Api.assertProblem(response, 409, "reauthorization-required");
            assertThat(response.<String>path("code")).isEqualTo("no_refresh_token");
            assertThat(response.<String>path("credential_id")).isEqualTo(id);
            assertThat(response.<String>path("connect_uri")).isEqualTo(Api.publicUrl() + "/api/v1/connect-sessions");
        }
        Response link = Api.as(key).body(Map.of("credential_id", id)).post("/api/v1/connect-sessions");
        link.then().statusCode(201).body("user", equalTo(grant.get("user")));

        new Browser().connect(link.path("url"), "alice@example.com");

        token(grant).then().statusCode(200).body("credential_id", equalTo(id));
    }

    @Test
    void aRefreshTokenThatTheProviderDoesNotKnowHasToBeConnectedAgain() {
        Map<String, Object> grant = Api.grant("expires_in", 0);
        grant.put("refresh_token", "sandbox-refresh-nobody.knows");
        String id = Api.imported(key, grant);

        Api.assertProblem(token(grant), 503, "provider-unavailable");
        new TestDatabase(dataSource).set(UUID.fromString(id), "next_refresh_at = clock_timestamp() - interval '1 s'");
        Response refused = token(grant);

        Api.assertProblem(refused, 409, "reauthorization-required");
        assertThat(refused.<String>path("code")).isEqualTo("invalid_grant");
        Api.as(key)
                .get("/api/v1/credentials/" + id)
                .then()
                .body("status", equalTo("reauth_required"))
                .body("state", equalTo("reconnect_required"));
        assertThat(Api.as(key)
                        .get("/api/v1/credentials?state=reconnect_required")
                        .<List<String>>path("items.id"))
                .containsExactly(id);
        assertThat(Api.as(key).get("/api/v1/credentials?status=reauth_required").<List<String>>path("items.id"))
                .containsExactly(id);
    }

    @Test
    void revokingTwiceChangesNothing() {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);

        Response first = Api.as(key).post("/api/v1/credentials/" + id + "/revoke");
        Response second = Api.as(key).delete("/api/v1/credentials/" + id);

        first.then()
                .statusCode(200)
                .body("at_provider", equalTo("revoked"))
                .body("credential.status", equalTo("revoked"))
                .body("credential.state", equalTo("revoked"));
        second.then().statusCode(200).body("at_provider", equalTo("already"));
        assertThat(second.<String>path("credential.revoked_at")).isEqualTo(first.path("credential.revoked_at"));
        Response gone = token(grant);
        Api.assertProblem(gone, 410, "credential-revoked");
        assertThat(gone.<String>path("revoked_at")).isEqualTo(first.path("credential.revoked_at"));
        Api.assertProblem(Api.as(key).post("/api/v1/credentials/" + id + "/refresh"), 410, "credential-revoked");
        Api.assertProblem(Api.as(key).post("/api/v1/credentials/" + id + "/test"), 410, "credential-revoked");
        Api.as(key).get("/api/v1/credentials/" + id).then().statusCode(200).body("status", equalTo("revoked"));

        grant.put("access_token", "back-again");
        store(grant).then().statusCode(200).body("id", equalTo(id)).body("status", equalTo("active"));
        assertThat(token(grant).<String>path("access_token")).isEqualTo("back-again");
    }

    @Test
    void aTestAsksTheProvider() {
        String id = Api.imported(key, Api.grant());

        Api.as(key)
                .post("/api/v1/credentials/" + id + "/test")
                .then()
                .statusCode(200)
                .body("valid", equalTo(false))
                .body("provider", equalTo("invalid"))
                .body("refresh_state", equalTo("fresh"));
    }

    @Test
    void aListIsFilteredAndPaged() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(Api.imported(key, Api.grant("user", "user-" + i)));
        }
        Map<String, Object> github = Api.grant("user", "user-0");
        github.put("provider", "github");
        ids.add(Api.imported(key, github));
        Api.as(key).delete("/api/v1/credentials/" + ids.get(3)).then().statusCode(200);

        assertThat(list("")).containsExactlyElementsOf(ids);
        assertThat(list("?provider=github")).containsExactly(ids.get(5));
        assertThat(list("?user=user-0")).containsExactly(ids.get(0), ids.get(5));
        assertThat(list("?user=user-0&provider=sandbox")).containsExactly(ids.get(0));
        assertThat(list("?user=USER-0")).isEmpty();
        assertThat(list("?status=revoked")).containsExactly(ids.get(3));
        assertThat(list("?status=active")).hasSize(5).doesNotContain(ids.get(3));

        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            Response page = cursor == null
                    ? Api.as(key).get("/api/v1/credentials?limit=2")
                    : Api.as(key).queryParam("cursor", cursor).get("/api/v1/credentials?limit=2");
            page.then().statusCode(200);
            seen.addAll(page.path("items.id"));
            cursor = page.path("next");
        } while (cursor != null);
        assertThat(seen).containsExactlyElementsOf(ids);
    }

    @Test
    void listsByBeginningAndOrderPageByPage() {
        for (String user :
                List.of("bo@example.com", "al@example.com", "b@example.com", "be@example.com", "c@example.com")) {
            Api.imported(key, Api.grant("user", user));
        }

        assertThat(users("order=newest"))
                .containsExactly(
                        "c@example.com", "be@example.com", "b@example.com", "al@example.com", "bo@example.com");
        assertThat(users("order=oldest"))
                .containsExactlyElementsOf(users("order=newest").reversed());
        assertThat(users("order=user"))
                .containsExactly(
                        "al@example.com", "b@example.com", "be@example.com", "bo@example.com", "c@example.com");
        assertThat(users("user_prefix=b"))
                .containsExactly("b@example.com", "be@example.com", "bo@example.com")
                .isEqualTo(users("user_prefix=b&order=user"));
        assertThat(users("user_prefix=B")).isEmpty();
        assertThat(users("user_prefix=b%25")).isEmpty();
    }

    /** It would skip rows, or show them twice. */
    @Test
    void aCursorBelongsToTheOrderOfItsPage() {
        Api.imported(key, Api.grant("user", "a@example.com"));
        Api.imported(key, Api.grant("user", "b@example.com"));
        List<String> orders = List.of("oldest", "newest", "user");
        for (String order : orders) {
            String path = "/api/v1/credentials?limit=1&order=" + order;
            String next = Api.as(key).get(path).path("next");
            for (String other : orders) {
                Response page = Api.as(key).get("/api/v1/credentials?order=" + other + "&cursor=" + next);
                if (other.equals(order)) {
                    page.then().statusCode(200);
                } else {
                    Api.assertProblem(page, 400, "invalid-request");
                }
            }
        }
    }

    /** The users of the whole list, read in pages of two. */
    private List<String> users(String query) {
        List<String> users = new ArrayList<>();
        String path = "/api/v1/credentials?limit=2&" + query;
        for (String next = ""; next != null; ) {
            Response page = Api.as(key).get(next.isEmpty() ? path : path + "&cursor=" + next);
            page.then().statusCode(200);
            users.addAll(page.path("items.user"));
            next = page.path("next");
        }
        return users;
    }

    @Test
    void aRefreshThatCannotHappenSaysWhy() {
        String key = Api.newTenant();
        Map<String, Object> grant = Api.grant("provider", "google");
        grant.put("refresh_token", "r");
        String id = Api.imported(key, grant);

        Api.as(key)
                .post("/api/v1/credentials/{id}/refresh", id)
                .then()
                .statusCode(200)
                .body("warning", equalTo("client_not_registered"))
                .body("version", equalTo(1));
    }

    @Test
    void theSeedsAuditLineIsLoggedForEveryChange() {
        String tenant = Api.unique("tenant");
        String own = Api.key(tenant, Api.ALL_ROLES);
        Map<String, Object> grant = Api.grant();
        try (LogCapture log = LogCapture.open()) {
            Response created = Api.as(own).body(grant).post("/api/v1/credentials");
            Api.as(own).body(grant).post("/api/v1/credentials").then().statusCode(200);
            Api.as(own)
                    .delete("/api/v1/credentials/" + created.path("id"))
                    .then()
                    .statusCode(200);

            assertThat(log.lines())
                    .filteredOn(line -> line.contains(tenant))
                    .containsExactly(
                            line("credential_created", grant, tenant),
                            line("credential_updated", grant, tenant),
                            line("credential_revoked", grant, tenant));
        }
    }

    private static String line(String operation, Map<String, Object> grant, String tenant) {
        return "AUDIT: " + operation + " | provider=sandbox | user=" + grant.get("user") + " | tenant=" + tenant;
    }

    private Response store(Map<String, Object> grant) {
        return Api.as(key).body(new HashMap<>(grant)).post("/api/v1/credentials");
    }

    private List<String> list(String query) {
        return Api.as(key)
                .get("/api/v1/credentials" + query)
                .then()
                .statusCode(200)
                .extract()
                .path("items.id");
    }

    private Response token(Map<String, Object> grant) {
        return Api.as(key)
                .queryParam("provider", grant.get("provider"))
                .queryParam("user", grant.get("user"))
                .get("/api/v1/token");
    }
}
