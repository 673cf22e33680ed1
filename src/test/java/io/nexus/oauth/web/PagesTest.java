package io.nexus.oauth.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operators' pages over plain HTTP, without scripts. */
@QuarkusTest
class PagesTest {

    @Inject
    Pool pool;

    private final String tenant = Api.unique("tenant");
    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.key(tenant, Api.ALL_ROLES);
    }

    private Visitor visitor() {
        return Visitor.with(key);
    }

    @Test
    void aKeyIsTradedForASession() {
        Visitor visitor = new Visitor();
        Response asked = visitor.get("/ui/credentials?status=active");
        assertThat(asked.header("Location")).endsWith("/ui/sign-in?next=%2Fui%2Fcredentials%3Fstatus%3Dactive");

        Response in = visitor.signIn(key, "/ui/credentials?status=active");

        assertThat(in.statusCode()).isEqualTo(303);
        assertThat(in.header("Location")).endsWith("/ui/credentials?status=active");
        assertThat(in.header("Set-Cookie"))
                .startsWith("nexus-session=")
                .contains("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800")
                .doesNotContain(key);
        assertThat(visitor.get("/ui/credentials").asString()).contains("No account is connected yet");
    }

    @Test
    void aKeyThatIsNotGoodOpensNothing() {
        for (String wrong : List.of(
                "", "nonsense", key + "0", "nxo_aaaaaaaaaaaa_" + "A".repeat(43) + "_00000000", "a".repeat(600))) {
            Visitor visitor = new Visitor();
            Response answer = visitor.signIn(wrong, "/ui");
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.asString()).contains("This key is not valid").doesNotContain("nonsense");
            assertThat(visitor.cookies()).doesNotContainKey("nexus-session");
        }
    }

    @Test
    void theFormForSigningInIsOfOneBrowser() {
        Visitor mine = new Visitor();
        mine.get("/ui/sign-in");
        Visitor other = new Visitor();
        other.get("/ui/sign-in");

        for (Map<String, String> form : List.of(Map.of("key", key), Map.of("key", key, "form_token", mine.token()))) {
            assertThat(other.send("/ui/sign-in", form).statusCode()).isEqualTo(403);
        }
        assertThat(other.cookies()).doesNotContainKey("nexus-session");
        assertThat(given().redirects()
                        .follow(false)
                        .cookies(mine.cookies())
                        .header("Sec-Fetch-Site", "cross-site")
                        .contentType("application/x-www-form-urlencoded")
                        .formParams(Map.of("key", key, "form_token", mine.token()))
                        .post("/ui/sign-in")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void leadsToPagesOfOursOnly() {
        for (String next : List.of(
                "https://evil.example",
                "//evil.example",
                "/\\evil.example",
                "/ui/../api",
                "/ui\r\nX: y",
                "/ui//evil.example",
                "/uix",
                "/api/v1/credentials",
                "javascript:alert(1)")) {
            assertThat(new Visitor().signIn(key, next).header("Location"))
                    .as(next)
                    .isEqualTo("/ui");
        }
    }

    /** A whole address would be made of what a proxy made of the request. */
    @Test
    void redirectsArePaths() {
        Visitor visitor = visitor();
        String id = Api.imported(key, Api.grant());

        assertThat(new Visitor().signIn(key, "/ui/audit").header("Location")).isEqualTo("/ui/audit");
        assertThat(visitor.post("/ui/credentials/" + id + "/test", Map.of("back", "/ui/credentials"))
                        .header("Location"))
                .startsWith("/ui/credentials?done=");
        assertThat(visitor.post("/ui/sign-out", Map.of()).header("Location")).isEqualTo("/ui/sign-in?done=signed-out");
    }

    @Test
    void aFormThatCannotBeReadIsNotQuoted() {
        Response answer = given().redirects()
                .follow(false)
                .contentType("application/x-www-form-urlencoded")
                .body("x=%zz&key=" + key)
                .post("/ui/sign-in");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.asString()).contains("not well encoded").doesNotContain(key);
    }

    /** As on the pages for people who connect an account. A provider at the customer's own address has no console to lead to. */
    @Test
    void aProviderHasItsIconItsScopesInWordsAndItsConsole() {
        Visitor visitor = visitor();
        Api.as(key)
                .body(Map.of("client_id", "the-client", "client_secret", "hidden"))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200);
        Map<String, Object> grant = Api.grant("scopes", List.of("read:user", "codespace"));
        grant.put("provider", "github");
        String id = Api.imported(key, grant);

        assertThat(visitor.get("/ui/credentials/" + id).asString())
                .contains(
                        "src=\"/assets/icons/github.svg\"",
                        "<li>See your profile</li>",
                        "<li><code>codespace</code></li>",
                        "<code>read:user</code>");
        assertThat(visitor.get("/ui/credentials").asString()).contains("src=\"/assets/icons/github.svg\"");
        String providers = visitor.get("/ui/providers").asString();
        assertThat(providers).contains("href=\"https://api.slack.com/apps\"", "src=\"/assets/icons/slack.svg\"");
        assertThat(visitor.get("/ui/clients/github").asString())
                .contains("id=\"console\" href=\"https://github.com/settings/developers\"");
        assertThat(visitor.get("/ui/clients/keycloak").asString()).doesNotContain("id=\"console\"");
    }

    @Test
    void whoSignsOutIsOut() {
        Visitor visitor = visitor();
        Map<String, String> before = new HashMap<>(visitor.cookies());

        Response out = visitor.post("/ui/sign-out", Map.of());

        assertThat(out.statusCode()).isEqualTo(303);
        assertThat(visitor.cookies()).doesNotContainKey("nexus-session");
        assertThat(given().redirects().follow(false).cookies(before).get("/ui").statusCode())
                .isEqualTo(303);
        assertThat(Api.as(key).get("/api/v1/audit").<List<String>>path("items.operation"))
                .contains("signed_in", "signed_out");
    }

    @Test
    void aSessionEndsWithItsKey() {
        Visitor visitor = visitor();

        Api.admin()
                .queryParam("tenant", tenant)
                .delete("/api/v1/api-keys/" + key.split("_")[1])
                .then()
                .statusCode(204);

        assertThat(visitor.get("/ui").statusCode()).isEqualTo(303);
    }

    /** When counting the credentials times out, only the overview page fails. */
    @Test
    void whatCannotBeCountedIsSaidWithAWayOn() {
        Visitor visitor = new Visitor();
        visitor.signIn(key, "/ui"); // not looked at yet: a count would be remembered for a moment
        visitor.get("/ui/providers"); // its session is remembered from now on, and nothing is counted

        Response answer = pool.withTransaction(connection -> connection
                        .query("LOCK TABLE oauth_credentials IN ACCESS EXCLUSIVE MODE")
                        .execute()
                        .chain(() -> Uni.createFrom()
                                .item(() -> visitor.get("/ui"))
                                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())))
                .await()
                .indefinitely();

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.asString()).contains("could not be counted", "href=\"/ui/credentials\"");
        assertThat(visitor.get("/ui").statusCode()).isEqualTo(200);
    }

    /** A session row that was written or changed in the database does not sign anybody in. */
    @Test
    void aRowThatTheServiceDidNotWriteSignsNobodyIn() {
        Visitor visitor = new Visitor();
        visitor.signIn(Api.key(tenant, "token-reader"), "/ui");
        pool.preparedQuery(
                        "UPDATE page_sessions SET key_id = 'bootstrap' WHERE session_digest = encode(sha256($1::text::bytea), 'hex')")
                .execute(Tuple.of(visitor.cookies().get("nexus-session")))
                .await()
                .indefinitely();

        assertThat(visitor.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    void theCookieIsNowhereInTheDatabase() {
        Visitor visitor = visitor();

        assertThat(pool.query("SELECT string_agg(s::text, ' ') AS all FROM page_sessions s")
                        .execute()
                        .await()
                        .indefinitely()
                        .iterator()
                        .next()
                        .getString("all"))
                .doesNotContain(visitor.cookies().get("nexus-session"))
                .doesNotContain(key);
    }

    @Test
    void everyPageKeepsScriptsFramesAndCachesOut() {
        Visitor visitor = visitor();
        for (String path : List.of(
                "/ui",
                "/ui/sign-in",
                "/ui/credentials",
                "/ui/credentials/" + UUID.randomUUID(),
                "/ui/connect",
                "/ui/machine-connections",
                "/ui/providers",
                "/ui/clients",
                "/ui/clients/google",
                "/ui/audit",
                "/ui/keys",
                "/ui/nothing-here")) {
            Response page = visitor.get(path);
            assertThat(page.contentType()).as(path).startsWith("text/html");
            assertThat(page.header("Content-Security-Policy"))
                    .as(path)
                    .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'")
                    .doesNotContain("unsafe");
            assertThat(page.header("Cache-Control")).as(path).isEqualTo("no-store");
            assertThat(page.header("X-Frame-Options")).as(path).isEqualTo("DENY");
            assertThat(page.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
            assertThat(page.header("Referrer-Policy")).as(path).isEqualTo("no-referrer");
            assertThat(page.asString())
                    .as(path)
                    .doesNotContain("<style", " style=", " onclick", "<script>")
                    .contains("<html lang=\"en\">", "<main", "</html>");
        }
    }

    @Test
    void theScriptIsServedFromHere() {
        String script =
                visitor().get("/ui").asString().split("<script src=\"")[1].split("\"")[0];

        assertThat(given().get(script).then().statusCode(200).extract().asString())
                .contains("htmx");
    }

    @Test
    void aForeignCredentialLooksLikeAMissingOne() {
        String theirs = Api.imported(Api.newTenant(), Api.grant());
        Visitor visitor = visitor();
        for (String act : List.of("", "/test", "/refresh", "/revoke", "reconnect")) {
            Response foreign = visit(visitor, theirs, act);
            Response missing = visit(visitor, UUID.randomUUID().toString(), act);
            assertThat(foreign.statusCode()).as(act).isEqualTo(404);
            assertThat(foreign.asString()).as(act).isEqualTo(missing.asString());
        }
    }

    private static Response visit(Visitor visitor, String id, String act) {
        String path = act.equals("reconnect") ? "/ui/connect/" + id : "/ui/credentials/" + id + act;
        return act.isEmpty() ? visitor.get(path) : visitor.post(path, Map.of("confirm", "x"));
    }

    @Test
    void noPageShowsAToken() {
        Map<String, Object> grant = Api.grant("refresh_token", Api.unique("refresh"));
        String id = Api.imported(key, grant);
        Api.as(key)
                .body(Map.of("client_id", "mine", "client_secret", "CANARY-secret-of-the-client"))
                .put("/api/v1/clients/zoom")
                .then()
                .statusCode(200);
        Visitor visitor = visitor();
        for (String path : List.of(
                "/ui",
                "/ui/credentials",
                "/ui/credentials/" + id,
                "/ui/clients",
                "/ui/clients/zoom",
                "/ui/audit",
                "/ui/keys")) {
            assertThat(visitor.get(path).then().statusCode(200).extract().asString())
                    .as(path)
                    .doesNotContain((String) grant.get("access_token"), (String) grant.get("refresh_token"))
                    .doesNotContain("CANARY")
                    .doesNotContain(key);
        }
    }

    @Test
    void aMachineConnectionIsShownAsOneAndNobodyIsSentALink() {
        String id = Api.imported(
                key,
                Map.of(
                        "provider", "sandbox",
                        "user", "billing",
                        "grant_type", "client_credentials",
                        "audience", "https://orders.example",
                        "resource", List.of("urn:orders")));
        Visitor visitor = visitor();

        String list = visitor.get("/ui/credentials").asString();
        String page = visitor.get("/ui/credentials/" + id).asString();

        assertThat(list).contains(">Machine</span>").doesNotContain(">Reconnect<");
        assertThat(page)
                .contains(
                        ">Machine</span>",
                        "https://orders.example",
                        "urn:orders",
                        "create the machine connection again")
                .doesNotContain("Make a reconnect link", "Make a link");
    }

    @Test
    void revokesOnceTheNameWasTyped() {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        Visitor visitor = visitor();
        visitor.get("/ui/credentials/" + id);

        assertThat(visitor.post("/ui/credentials/" + id + "/revoke", Map.of("confirm", "somebody else"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(status(id)).isEqualTo("active");
        Response done =
                visitor.post("/ui/credentials/" + id + "/revoke", Map.of("confirm", (String) grant.get("user")));

        assertThat(done.statusCode()).isEqualTo(303);
        assertThat(done.header("Location")).contains("/ui/credentials/" + id + "?done=revoked");
        assertThat(status(id)).isEqualTo("revoked");
        assertThat(visitor.get("/ui/credentials/" + id + "?done=revoked").asString())
                .contains("The credential is revoked", "Credential revoked", "Revoked")
                .doesNotContain("/revoke\"");
    }

    private String status(String id) {
        return Api.as(key).get("/api/v1/credentials/" + id).path("status");
    }

    @Test
    void goesBackToTheListThatTheFormWasOn() {
        String id = Api.imported(key, Api.grant());
        Visitor visitor = visitor();
        visitor.get("/ui/credentials");

        assertThat(visitor.post(
                                "/ui/credentials/" + id + "/test",
                                Map.of("back", "/ui/credentials?status=active&done=x"))
                        .header("Location"))
                .contains("/ui/credentials?status=active&done=test-");
        assertThat(visitor.post("/ui/credentials/" + id + "/test", Map.of("back", "https://evil.example/"))
                        .header("Location"))
                .contains("/ui/credentials/" + id + "?done=test-")
                .doesNotContain("evil");
    }

    @Test
    void aSecretGoesInAndStaysWhereItIs() {
        Visitor visitor = visitor();
        visitor.get("/ui/clients/google");
        Map<String, String> form = new HashMap<>(
                Map.of("client_id", "the-client", "client_secret", "CANARY-of-the-form", "scopes", "openid email"));

        assertThat(visitor.post("/ui/clients/google", form).header("Location"))
                .contains("/ui/clients?done=client-saved");
        assertThat(visitor.get("/ui/clients/google").asString())
                .contains("the-client", "A secret is stored. Leave this empty to keep it.", "openid email")
                .doesNotContain("CANARY");
        form.put("client_secret", "");
        form.put("scopes", "openid");
        visitor.post("/ui/clients/google", form);
        assertThat(Api.as(key).get("/api/v1/clients/google").<Boolean>path("has_secret"))
                .isTrue();

        form.put("redirect_uri", "ftp://nowhere");
        form.put("client_secret", "CANARY-of-a-fault");
        Response refused = visitor.post("/ui/clients/google", form);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString())
                .contains("Nothing was stored", "must be an absolute http(s) URL", "the-client")
                .doesNotContain("CANARY");
    }

    @Test
    void theSecretsOfOneClientIdAreNotDroppedUnasked() {
        Visitor visitor = visitor();
        visitor.get("/ui/clients/google");
        Map<String, String> form = new HashMap<>(Map.of(
                "client_id", "mistyped", "client_secret", "the-secret", "second_client_secret", "the-second-secret"));
        visitor.post("/ui/clients/google", form);
        form.putAll(Map.of("client_id", "corrected", "client_secret", "", "second_client_secret", ""));

        Response refused = visitor.post("/ui/clients/google", form);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString())
                .contains("The secret is missing for the new client id", "corrected", "name=\"no_secret\"");
        assertThat(client())
                .containsEntry("client_id", "mistyped")
                .containsEntry("has_secret", true)
                .containsEntry("has_second_secret", true);

        form.putAll(Map.of("no_secret", "yes", "replace", "yes"));
        assertThat(visitor.post("/ui/clients/google", form).statusCode()).isEqualTo(303);
        assertThat(client()).containsEntry("client_id", "corrected").containsEntry("has_secret", false);

        form.remove("no_secret"); // there is none to lose
        form.put("client_id", "another");
        assertThat(visitor.post("/ui/clients/google", form).statusCode()).isEqualTo(303);

        form.putAll(Map.of("client_id", "with-one", "client_secret", "its-secret", "replace", "yes"));
        assertThat(visitor.post("/ui/clients/google", form).statusCode()).isEqualTo(303);
        assertThat(client()).containsEntry("client_id", "with-one").containsEntry("has_secret", true);
    }

    @Test
    void theFormOffersAKeyInPlaceOfASecret() {
        Visitor visitor = visitor();
        Api.as(key)
                .body(Map.of(
                        "client_id", "mine",
                        "token_endpoint_auth_method", "private_key_jwt",
                        "token_endpoint_auth_signing_alg", "ES256"))
                .put("/api/v1/clients/google");
        String page = visitor.get("/ui/clients/google").asString();
        String kid = Api.as(key).get("/api/v1/clients/google").path("keys[0].kid");
        assertThat(page)
                .contains(
                        "<option value=\"private_key_jwt\" selected>", "/jwks/", "data-copy=\"jwks\"", kid, "current");

        assertThat(page).contains("<option selected>ES256</option>");
        Map<String, String> form = Map.of(
                "client_id", "mine",
                "token_endpoint_auth_method", "private_key_jwt",
                "token_endpoint_auth_signing_alg", "ES256");
        assertThat(visitor.post("/ui/clients/google", form).statusCode()).isEqualTo(303);
        assertThat(client()).containsEntry("token_endpoint_auth_signing_alg", "ES256");
        assertThat(Api.as(key).get("/api/v1/clients/google").<String>path("keys[0].kid"))
                .isEqualTo(kid);

        assertThat(visitor.post("/ui/clients/google/keys", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(visitor.get("/ui/clients/google").asString()).contains("next, signs from");

        Response refused = visitor.post(
                "/ui/clients/google", Map.of("client_id", "mine", "token_endpoint_auth_method", "client_secret_post"));
        assertThat(refused.statusCode()).isEqualTo(409);
    }

    /** A grant is bound to its client, so the replacement of a client ends the refreshes of its grants. */
    @Test
    void aLiveClientIsReplacedOnlyAfterAQuestion() {
        Visitor visitor = visitor();
        visitor.get("/ui/clients/google");
        Map<String, String> form = new HashMap<>(Map.of("client_id", "the-old", "client_secret", "its-secret"));
        visitor.post("/ui/clients/google", form);
        Api.imported(key, Api.grant("provider", "google"));
        Api.imported(key, Api.grant("provider", "google"));
        form.putAll(Map.of("client_id", "the-new", "client_secret", "CANARY-secret"));

        // the overview counts again only when its last count, which signing in asked for, is old enough
        Response asked = Awaitility.await()
                .until(
                        () -> visitor.post("/ui/clients/google", form),
                        answer -> !answer.asString().contains("<strong>0 credentials"));

        assertThat(asked.statusCode()).isEqualTo(400);
        assertThat(asked.asString())
                .contains(
                        "Replace the client?",
                        "<code>the-old</code>",
                        "<strong>2 credentials at Google have a live grant")
                .contains("value=\"the-new\"", "type the secrets again")
                .doesNotContain("CANARY");
        assertThat(client()).containsEntry("client_id", "the-old");

        Visitor admin = Visitor.of(tenant, "admin"); // sees no credential, so it learns no number of them
        admin.get("/ui/clients/google");
        assertThat(admin.post("/ui/clients/google", form).asString())
                .contains("Your roles do not show how many grants depend on it.");

        form.put("replace", "yes");
        assertThat(visitor.post("/ui/clients/google", form).statusCode()).isEqualTo(303);
        assertThat(client()).containsEntry("client_id", "the-new");
        form.remove("replace"); // the same client again is no replacement
        assertThat(visitor.post("/ui/clients/google", form).statusCode()).isEqualTo(303);
    }

    @Test
    void theVariablesOfAProviderAreAskedForInWords() {
        Visitor visitor = visitor();
        assertThat(visitor.get("/ui/clients/unset").asString())
                .contains(
                        "for=\"var-host\">Host <span class=\"must\">required</span>", "name=\"vars.host\" value=\"\"");
        Map<String, String> form =
                new HashMap<>(Map.of("client_id", "one", "client_secret", "secret", "vars.host", "a b"));

        Response refused = visitor.post("/ui/clients/unset", form);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString())
                .contains("aria-describedby=\"var-host-note var-host-fault\" aria-invalid=\"true\"")
                .contains("id=\"var-host-fault\">Host must match")
                .doesNotContain("The variables:");
        form.put("vars.host", "login.example.com");
        assertThat(visitor.post("/ui/clients/unset", form).statusCode()).isEqualTo(303);

        // the stored secret is not sent to another host unasked
        form.putAll(Map.of("vars.host", "other.example.com", "client_secret", "", "replace", "yes"));
        assertThat(visitor.post("/ui/clients/unset", form).asString())
                .contains("The secret is missing: the stored one belongs to the present variables")
                .doesNotContain("name=\"no_secret\"");
    }

    private Map<String, Object> client() {
        return Api.as(key).get("/api/v1/clients/google").path("");
    }

    @Test
    void aGrantThatEndedForGoodIsTrouble() {
        Visitor visitor = visitor();
        String id = Api.imported(key, Api.grant());
        // a count is remembered for a moment: the first of the empty tenant was asked for at the sign-in
        await().untilAsserted(() -> assertThat(visitor.get("/ui").asString()).contains("All refreshes succeed"));
        pool.preparedQuery(
                        "UPDATE oauth_credentials SET expires_at = now() - interval '1 day' WHERE credential_id = $1")
                .execute(Tuple.of(UUID.fromString(id)))
                .await()
                .indefinitely();

        await().untilAsserted(() -> assertThat(visitor.get("/ui").asString())
                .contains("state=reconnect_required&amp;provider=sandbox\">1<", "<strong>1</strong> reconnect required")
                .doesNotContain("All refreshes succeed"));
        for (String state : List.of("valid", "expiring", "expired", "reconnect_required", "revoked")) {
            String list = visitor.get("/ui/credentials?state=" + state).asString();
            assertThat(list).contains("state=" + state + "\" aria-current=\"true\"");
            assertThat(list.contains(id)).as(state).isEqualTo(state.equals("reconnect_required"));
            assertThat(list.contains(">Reconnect required</span>")).isEqualTo(state.equals("reconnect_required"));
        }
    }

    @Test
    void aNameIsTextAndNoPage() {
        Map<String, Object> grant = Api.grant("user", "<img src=x onerror=alert(1)>" + Api.unique("user"));
        String id = Api.imported(key, grant);

        assertThat(visitor().get("/ui/credentials/" + id).asString())
                .contains("&lt;img src=x")
                .doesNotContain("<img");
        assertThat(visitor().get("/ui?done=%3Cscript%3Ealert(2)%3C/script%3E").asString())
                .doesNotContain("alert(2)");
        assertThat(visitor()
                        .get("/ui/credentials?user=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
                        .asString())
                .doesNotContain("<script>alert");
    }

    @Test
    void whoActsForSeveralTenantsNamesOne() {
        Visitor admin = Visitor.with(Api.bootstrapKey());
        String mine = Api.imported(key, Api.grant());

        assertThat(admin.get("/ui").asString()).contains("Tenant <strong>default</strong>", "href=\"/ui/tenant\"");
        assertThat(admin.get("/ui/clients?tenant=" + tenant)
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString())
                .contains("href=\"/ui/providers?tenant=" + tenant + "\"");
        // an admin of every tenant is nothing else there
        assertThat(admin.get("/ui/credentials/" + mine + "?tenant=" + tenant).statusCode())
                .isEqualTo(403);
        assertThat(Visitor.of(tenant, "connector").get("/ui?tenant=default").statusCode())
                .isEqualTo(403);
        assertThat(Visitor.of(tenant, "connector").get("/ui").asString()).doesNotContain("href=\"/ui/tenant\"");
    }

    @Test
    void shownIsWhatARoleMayDo() {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        String connector =
                Visitor.of(tenant, "connector").get("/ui/credentials/" + id).asString();
        assertThat(connector)
                .contains("/ui/connect/")
                .doesNotContain("Timeline", "/ui/audit", "/ui/clients", "/ui/keys");
        String admin =
                Visitor.of(tenant, "tenant-admin").get("/ui/credentials/" + id).asString();
        assertThat(admin)
                .contains("Timeline", "Credential created", "/ui/audit")
                .doesNotContain("/ui/connect", "/ui/keys");
        assertThat(Visitor.of(tenant, "token-reader").get("/ui").asString())
                .contains("You can get access tokens")
                .doesNotContain("/ui/credentials", "/ui/audit", "/ui/providers");
    }

    @Test
    void theTrailIsSearchedNewestFirst() {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        Api.as(key).post("/api/v1/credentials/" + id + "/revoke").then().statusCode(200);
        Visitor visitor = visitor();

        String page = visitor.get("/ui/audit?credential_id=" + id + "&operation=&from=2020-01-01&to=2999-01-01")
                .then()
                .statusCode(200)
                .extract()
                .asString();

        assertThat(page.indexOf("<strong>Credential revoked")).isPositive();
        assertThat(page.indexOf("<strong>Credential created"))
                .isGreaterThan(page.indexOf("<strong>Credential revoked"));
        assertThat(visitor.get("/ui/audit?actor=nobody-at-all").asString()).contains("No entry matches");
        assertThat(visitor.get("/ui/audit?from=yesterday").statusCode()).isEqualTo(400);
    }

    @Test
    void aScriptIsToldThatTheSessionIsOver() {
        Response answer =
                given().redirects().follow(false).header("HX-Request", "true").get("/ui/credentials");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.header("HX-Redirect")).isEqualTo("/ui/sign-in");
    }

    @Test
    void theApiKeepsItsProblems() {
        Api.assertProblem(given().get("/api/v1/credentials"), 401, "unauthorized");
        Api.assertProblem(given().get("/uix"), 404, "not-found");
    }
}
