package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.token.TokenQuery.KnownVersions;
import io.nexus.oauth.token.TokenQuery.Version;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Caching of tokens: {@code cache_until}, ETag and {@code If-None-Match}. */
@QuarkusTest
class TokenCacheTest {

    @Inject
    Pool pool;

    @Inject
    RefreshConfig config;

    private String key;
    private Map<String, Object> grant;
    private String id;

    @BeforeEach
    void store() {
        key = Api.newTenant();
        grant = Api.grant();
        grant.put("refresh_token", "r");
        id = Api.imported(key, grant);
    }

    private Response get(String ifNoneMatch) {
        return Api.as(key).header("If-None-Match", ifNoneMatch).get("/api/v1/credentials/" + id + "/token");
    }

    private Response byAccount(String ifNoneMatch) {
        return Api.as(key)
                .header("If-None-Match", ifNoneMatch)
                .queryParam("provider", grant.get("provider"))
                .queryParam("user", grant.get("user"))
                .get("/api/v1/token");
    }

    private String tag() {
        return "W/\"" + id + ".1\"";
    }

    @Test
    void whoHoldsTheTokenIsToldSoAndNothingElse() {
        Response whole = Api.as(key).get("/api/v1/credentials/" + id + "/token");
        whole.then().statusCode(200).header("ETag", equalTo(tag()));
        double hits = Api.metric("nexus_oauth_token_requests_total", "provider=\"sandbox\"", "outcome=\"hit\"");

        for (Response same : List.of(get(tag()), byAccount(tag()), get(tag().substring(2)))) {
            same.then()
                    .statusCode(304)
                    .header("ETag", equalTo(tag()))
                    .header("Cache-Control", equalTo("no-store"))
                    .header("Pragma", equalTo("no-cache"));
            assertThat(same.asByteArray()).isEmpty();
        }

        assertThat(Api.metric("nexus_oauth_token_requests_total", "provider=\"sandbox\"", "outcome=\"hit\""))
                .isEqualTo(hits + 3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                " * ",
                "TAG",
                "\"other\", TAG",
                "TAG,\"a,b\"",
                ", ,TAG , ,\"\"",
                "W/\"x\",TAG",
            })
    void anyOfAListMayMatch(String field) {
        get(field.replace("TAG", tag())).then().statusCode(304);
    }

    // a field that is no list of entity tags says nothing
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"other\"",
                "ID.1",
                "\"ID.2\"",
                "\"ID.01\"",
                "\"ID\"",
                "\"ID.1",
                "w/TAG",
                "TAG TAG",
                "TAG, *",
                "TAG, oops",
                "TAG;",
                "\"a b\", TAG",
                "",
                ","
            })
    void whatDoesNotMatchGetsTheWholeAnswer(String field) {
        get(field.replace("TAG", tag()).replace("ID", id))
                .then()
                .statusCode(200)
                .body("access_token", equalTo(grant.get("access_token")));
    }

    @Test
    void severalFieldsAreOneList() {
        Api.as(key)
                .header("If-None-Match", "\"x\"", tag())
                .get("/api/v1/credentials/" + id + "/token")
                .then()
                .statusCode(304);
    }

    @Test
    void tagsAreReadExactly() {
        UUID one = UUID.fromString(id);

        assertThat(EntityTags.held(null)).isSameAs(KnownVersions.NONE);
        assertThat(EntityTags.held(List.of())).isSameAs(KnownVersions.NONE);
        assertThat(EntityTags.held(List.of("\"" + id + ".7\", \"x\" ,W/\"" + id + ".8\"")))
                .isEqualTo(new KnownVersions(false, List.of(new Version(one, 7), new Version(one, 8))));
        assertThat(EntityTags.held(List.of("\"" + id.toUpperCase(java.util.Locale.ROOT) + "x.7\"")))
                .isEqualTo(KnownVersions.NONE);
        assertThat(EntityTags.held(List.of("\"" + id + ".9999999999999999999\"")))
                .isEqualTo(KnownVersions.NONE);
        assertThat(EntityTags.held(List.of("\"" + "a".repeat(10_000)))).isEqualTo(KnownVersions.NONE);
    }

    @Test
    void aTagOpensNoDoor() {
        String stranger = Api.newTenant();
        Api.assertProblem(
                Api.as(stranger).header("If-None-Match", tag()).get("/api/v1/credentials/" + id + "/token"),
                404,
                "credential-not-found");
        Api.assertProblem(
                Api.as(Api.key(Api.unique("tenant"), "auditor"))
                        .header("If-None-Match", "*")
                        .get("/api/v1/credentials/" + id + "/token"),
                403,
                "forbidden");
        Api.as(key).post("/api/v1/credentials/" + id + "/revoke").then().statusCode(200);
        Api.assertProblem(get(tag()), 410, "credential-revoked");
        Api.assertProblem(get("*"), 410, "credential-revoked");
    }

    @Test
    void aWarningIsAlwaysSaid() {
        set("last_error = 'provider_error', last_failed_at = now()");

        for (String field : List.of(tag(), "*")) {
            Response warned = get(field);
            warned.then().statusCode(200).body("warning", equalTo("provider_error"));
            assertThat(warned.header("ETag")).isNull();
        }
    }

    // how long it may be kept

    @Test
    void aTokenMayBeKeptToItsPlannedRefresh() {
        Response token = get("\"\"");

        assertThat(instant(token, "cache_until"))
                .isEqualTo(instant(credential(), "refresh.next_at"))
                .isBefore(instant(token, "expires_at"));
    }

    @Test
    void aTokenThatIsNeverRefreshedMayBeKeptToItsFloor() {
        Map<String, Object> bare = Api.grant();
        id = Api.imported(key, bare);

        Response token = get("\"\"");

        assertThat(instant(token, "cache_until"))
                .isEqualTo(instant(token, "expires_at").minus(config.floor()));
    }

    @Test
    void aTokenWhosePlanIsBeyondItsFloorMayBeKeptToThat() {
        set("expires_at = now() + interval '40 s', next_refresh_at = now() + interval '35 s'");

        Response token = get("\"\"");

        assertThat(instant(token, "cache_until"))
                .isEqualTo(instant(token, "expires_at").minus(config.floor()));
    }

    // a refresh there ends the tokens that were handed out
    @Test
    void aTokenThatARefreshEndsMayBeKeptExactlyToThat() {
        Map<String, Object> killed = Api.grant("provider", "gitlab");
        killed.put("refresh_token", "r");
        id = Api.imported(key, killed);
        set("expires_at = now() + interval '40 s', next_refresh_at = now() + interval '35 s'");

        Response token = get("\"\"");

        assertThat(instant(token, "cache_until")).isEqualTo(instant(credential(), "refresh.next_at"));
    }

    @ParameterizedTest
    @CsvSource({"sandbox", "gitlab"})
    void aTokenIsNeverKeptIntoThePast(String provider) {
        Map<String, Object> due = Api.grant("provider", provider);
        due.put("refresh_token", "r");
        id = Api.imported(key, due);
        // due for long, and held back by a failure; the lease keeps the schedule of this service away
        set("next_refresh_at = now() - interval '1 h', last_error = 'x', last_failed_at = now(),"
                + " lease_until = now() + interval '60 s'");
        Instant before = Instant.now();

        assertThat(instant(get("\"\""), "cache_until")).isBetween(before, Instant.now());
    }

    @Test
    void aTokenWithoutAnEndHasNoLimit() {
        Map<String, Object> endless = Api.grant();
        endless.remove("expires_in");
        id = Api.imported(key, endless);

        get("\"\"").then().statusCode(200).body("cache_until", equalTo(null));
    }

    // what it has to cover

    @Test
    void aGrantThatLacksAScopeSaysWhichAndWhereToGetIt() {
        Map<String, Object> scoped = Api.grant("scopes", List.of("files.read", "email"));
        String other = Api.imported(key, scoped);
        String path = "/api/v1/credentials/" + other + "/token";

        Api.as(key).queryParam("scope", "email").get(path).then().statusCode(200);
        Response lacking =
                Api.as(key).queryParam("scope", "email files.write admin").get(path);

        Api.assertProblem(lacking, 409, "insufficient-scope");
        assertThat(lacking.<List<String>>path("missing_scopes")).containsExactly("files.write", "admin");
        assertThat(lacking.<String>path("credential_id")).isEqualTo(other);
        assertThat(lacking.<String>path("connect_uri")).isEqualTo(Api.publicUrl() + "/api/v1/connect-sessions");
        // not known what was granted: nothing is known to be missing
        Api.as(key)
                .get("/api/v1/credentials/" + id + "/token?scope=anything")
                .then()
                .statusCode(200);
    }

    // a refused token, seen from the wire

    @Test
    void aReportOfAnOldTokenGetsTheNewOne() {
        grant.put("access_token", "newer");
        Api.as(key).body(grant).post("/api/v1/credentials").then().statusCode(200);

        Response answer = Api.as(key).body(Map.of("version", 1)).post("/api/v1/credentials/" + id + "/rejected");

        answer.then()
                .statusCode(200)
                .header("Cache-Control", equalTo("no-store"))
                .body("version", equalTo(2))
                .body("access_token", equalTo("newer"));
        Response unknown = Api.as(key).body(Map.of("version", 3)).post("/api/v1/credentials/" + id + "/rejected");
        Api.assertProblem(unknown, 400, "invalid-request");
        assertThat(unknown.<List<String>>path("errors.pointer")).containsExactly("/version");
    }

    @Test
    void aReportRefreshesAndSaysHowThatWent() {
        Response answer = Api.as(key).body(Map.of("version", 1)).post("/api/v1/credentials/" + id + "/rejected");

        // the sandbox does not know that refresh token
        answer.then().statusCode(200).body("refresh_state", equalTo("degraded")).body("version", equalTo(1));
        assertThat(Api.metric("nexus_oauth_refresh_total", "trigger=\"rejected\""))
                .isPositive();
    }

    private Response credential() {
        return Api.as(key).get("/api/v1/credentials/" + id);
    }

    private static Instant instant(Response response, String field) {
        return Instant.parse(response.path(field));
    }

    private void set(String assignments) {
        pool.preparedQuery("UPDATE oauth_credentials SET " + assignments + " WHERE credential_id = $1")
                .execute(Tuple.of(UUID.fromString(id)))
                .await()
                .indefinitely();
    }
}
