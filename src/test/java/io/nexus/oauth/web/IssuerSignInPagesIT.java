package io.nexus.oauth.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.LogCapture;
import io.nexus.oauth.testing.RunningSchedule;
import io.nexus.oauth.testing.TestIssuer;
import io.nexus.oauth.testing.TestIssuerResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Signing in to the pages at an identity provider. */
@QuarkusTest
class IssuerSignInPagesIT implements RunningSchedule {

    private static final String SESSION = "nexus-session";

    private TestIssuer issuer;

    @Inject
    Pool pool;

    private final String tenant = Api.unique("tenant");
    private final Visitor visitor = new Visitor();

    @AfterEach
    void nothingIsWrongAtTheIssuer() {
        assertThat(issuer.login().complaints()).isEmpty();
        issuer.answer(200);
    }

    @Test
    void whoTheIssuerVouchesForIsIn() {
        issuer.login().as("alice", tenant, "nexus:auditor");
        assertThat(visitor.get("/ui/sign-in?next=/ui/audit").asString())
                .contains("href=\"/ui/sign-in/company?next=%2Fui%2Faudit\"", "Sign in with Company");

        Response back = come("/ui/audit");

        assertThat(back.statusCode()).isEqualTo(200);
        assertThat(back.asString()).contains("You are signed in", "content=\"0; url=/ui/audit\"");
        assertThat(back.headers().getValues("Set-Cookie"))
                .anySatisfy(cookie -> assertThat(cookie)
                        .startsWith(SESSION + "=")
                        .contains("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"))
                .anySatisfy(
                        cookie -> assertThat(cookie).startsWith("nexus-entry=;").contains("Max-Age=0"));
        assertThat(visitor.get("/ui/audit").asString()).contains("token:company:alice", "signed_in");
        assertThat(visitor.get("/ui/credentials").statusCode()).isEqualTo(403);
    }

    @Test
    void policiesGrantToWhoIsSignedIn() throws IOException {
        String person = Api.unique("person");
        issuer.login().as(person, claims -> {});

        Response nothing = come("/ui");
        assertThat(nothing.statusCode()).isEqualTo(403);
        assertThat(nothing.asString())
                .contains("You have no role here yet", ">" + person + "</code>", ">" + issuer.url() + "</code>");
        assertThat(visitor.cookies()).doesNotContainKey(SESSION);

        policies("""
                policies:
                  - name: people
                    issuer: %s
                    subject: "%s"
                    tenants: ["%s"]
                    roles: [auditor]
                """.formatted(issuer.url(), person, tenant));
        await().untilAsserted(() -> assertThat(come("/ui").statusCode()).isEqualTo(200));
        assertThat(visitor.get("/ui/audit").statusCode()).isEqualTo(200);

        policies("policies: []\n");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(visitor.get("/ui/audit").statusCode()).isEqualTo(403));
        assertThat(visitor.get("/ui").asString()).contains("Sign out");
        assertThat(visitor.post("/ui/sign-out", Map.of()).statusCode()).isEqualTo(200);
        assertThat(visitor.cookies()).doesNotContainKey(SESSION);
    }

    /** A part of the grants is no number of those that the new client would end. */
    @Test
    void whoSeesAPartOfTheGrantsLearnsNoNumberOfThem() throws IOException {
        String key = Api.key(tenant, "tenant-admin", "connector");
        Api.as(key)
                .body(Map.of("client_id", "the-old", "client_secret", "its-secret"))
                .put("/api/v1/clients/google")
                .then()
                .statusCode(200);
        Map<String, Object> grant = Api.grant("provider", "google");
        Api.imported(key, grant);
        Api.imported(key, Api.grant("provider", "google"));
        String person = Api.unique("person");
        issuer.login().as(person, claims -> {});
        policies("""
                policies:
                  - {name: all, issuer: "%1$s", subject: "%2$s", tenants: ["%3$s"], roles: [admin]}
                  - {name: part, issuer: "%1$s", subject: "%2$s", tenants: ["%3$s"], roles: [connector], users: ["%4$s"]}
                """.formatted(issuer.url(), person, tenant, grant.get("user")));
        await().untilAsserted(() -> assertThat(come("/ui").statusCode()).isEqualTo(200));
        await().untilAsserted(() ->
                assertThat(visitor.get("/ui/clients/google").statusCode()).isEqualTo(200));

        Response asked =
                visitor.post("/ui/clients/google", Map.of("client_id", "the-new", "client_secret", "its-secret"));

        assertThat(asked.statusCode()).isEqualTo(400);
        assertThat(asked.asString())
                .contains("Replace the client?", "Your roles do not show how many grants depend on it.")
                .doesNotContain("a live grant");
    }

    /** The whole request succeeds, so its answer is no denial. */
    @Test
    void aDenialInsideARowOfManyIsAudited() throws IOException {
        String key = Api.key(tenant, "auditor", "connector");
        String id = Api.imported(key, Api.grant());
        String person = Api.unique("person");
        issuer.login().as(person, claims -> {});
        policies("""
                policies:
                  - {name: all, issuer: "%1$s", subject: "%2$s", tenants: ["%3$s"], roles: [tenant-admin]}
                  - {name: part, issuer: "%1$s", subject: "%2$s", tenants: ["%3$s"], roles: [connector], scopes: ["email"]}
                """.formatted(issuer.url(), person, tenant));
        await().untilAsserted(() -> assertThat(come("/ui").statusCode()).isEqualTo(200));
        await().untilAsserted(() ->
                assertThat(visitor.get("/ui/connect").statusCode()).isEqualTo(200));

        Response page = visitor.post("/ui/credentials/selected/links", Map.of("id", id));

        assertThat(page.asString()).contains("0 of 1 done, 1 need attention.");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Api.as(key)
                                .queryParam("operation", "access_denied")
                                .get("/api/v1/audit")
                                .<List<String>>path("items.subject"))
                        .containsExactly("POST /ui/credentials/selected/links"));
        policies("policies: []\n");
    }

    /** A stored policy gives way to one of the file with its name. */
    @Test
    void bothPoliciesOfANameAreShown() throws IOException {
        Visitor admin = Visitor.of(tenant, "admin");
        String name = Api.unique("policy");
        Api.admin()
                .body(Map.of(
                        "issuer",
                        "https://login.example.com",
                        "subject",
                        "stored-subject",
                        "tenants",
                        List.of(tenant),
                        "roles",
                        List.of("connector")))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(200);
        policies("""
                policies:
                  - {name: %s, issuer: "https://login.example.com", subject: filed-subject, tenants: ["%s"], roles: [auditor]}
                """.formatted(name, tenant));
        try {
            await().untilAsserted(() -> assertThat(
                            admin.get("/ui/policies/" + name).asString())
                    .contains(
                            "stored-subject", "filed-subject", "The policy of the file", "This policy grants nothing"));
        } finally {
            policies("policies: []\n");
            Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
        }
    }

    @Test
    void whoActsForSeveralTenantsIsAskedForOne() throws IOException {
        String person = Api.unique("person");
        issuer.login().as(person, claims -> {});
        for (String tenants : List.of("\"*\"", "[\"" + tenant + "\"]")) {
            policies("""
                    policies:
                      - {name: one, issuer: "%1$s", subject: "%2$s", tenants: %3$s, roles: [auditor]}
                      - {name: other, issuer: "%1$s", subject: "%2$s", tenants: ["other"], roles: [tenant-admin]}
                    """.formatted(issuer.url(), person, tenants));
            await().untilAsserted(() -> assertThat(come("/ui").statusCode()).isEqualTo(200));

            await().untilAsserted(() ->
                    assertThat(visitor.get("/ui/audit").header("Location")).endsWith("/ui/tenant?next=/ui/audit"));
            assertThat(visitor.get("/ui/tenant?next=/ui/audit").asString())
                    .contains("Which tenant?", "\"/ui/audit", "Sign out");
            assertThat(visitor.get("/ui/audit?tenant=" + tenant)
                            .then()
                            .statusCode(200)
                            .extract()
                            .asString())
                    .contains("Switch", "Tenant <strong>" + tenant + "</strong>");
            visitor.get("/ui");
            assertThat(visitor.post("/ui/sign-out", Map.of()).statusCode()).isEqualTo(200);
        }
        policies("policies: []\n");
    }

    @Test
    void aCodeThatTheIssuerDoesNotTakeSignsNobodyIn() {
        issuer.login().as("alice", tenant, "nexus:auditor");
        String good = answer("/ui");
        Visitor copy = new Visitor();
        copy.cookies().putAll(visitor.cookies());
        assertThat(visitor.get(good).statusCode()).isEqualTo(200);

        Response again = copy.get(good);

        assertThat(again.statusCode()).isEqualTo(403);
        assertThat(again.asString()).contains("did not sign you in");
        assertThat(issuer.login().complaints()).containsExactly("code");
    }

    @Test
    void anAnswerCountsInTheBrowserThatAskedAndOnce() {
        issuer.login().as("mallory", tenant, "nexus:admin");
        String hers = answer("/ui");
        Visitor victim = new Visitor();

        assertThat(victim.get(hers).statusCode()).isEqualTo(403);
        begin(victim, "/ui");
        assertThat(victim.get(hers).statusCode()).isEqualTo(403);
        assertThat(victim.cookies()).doesNotContainKey(SESSION);

        assertThat(visitor.get(hers).statusCode()).isEqualTo(200);
        assertThat(visitor.cookies()).doesNotContainKey("nexus-entry");
        assertThat(visitor.get(hers).asString()).contains("already completed");
        assertThat(issuer.login().complaints()).isEmpty();
    }

    @Test
    void aChangedAnswerDoesNotCount() {
        issuer.login().as("alice", tenant, "nexus:admin");
        String good = answer("/ui/audit");
        String elsewhere = good.replaceFirst("state=([0-9a-f]+)\\.[A-Za-z0-9_-]+", "state=$1.L3Vp");
        assertThat(elsewhere).isNotEqualTo(good);

        for (String changed : List.of(
                elsewhere,
                good.replaceFirst("iss=[^&]+", "iss=https%3A%2F%2Fevil.example"),
                good.replaceFirst("state=", "state=0"),
                good.replaceFirst("state=[^&]+", "state=nonsense"),
                good.replaceFirst("state=[^&]+&?", ""),
                good.replaceFirst("/company", "/other"))) {
            Visitor same = new Visitor();
            same.cookies().putAll(visitor.cookies());
            assertThat(same.get(changed).statusCode()).as(changed).isEqualTo(403);
            assertThat(same.cookies()).doesNotContainKey(SESSION);
        }
        assertThat(visitor.get(good).statusCode()).isEqualTo(200);
    }

    @Test
    void anIdTokenThatIsNotForThisSignInIsRefused() {
        Map<String, Consumer<JwtClaims>> lies = new LinkedHashMap<>();
        lies.put("audience", claims -> claims.setAudience(TestIssuer.AUDIENCE));
        lies.put("nonce", claims -> claims.setClaim("nonce", "0".repeat(64)));
        lies.put("no nonce", claims -> claims.unsetClaim("nonce"));
        lies.put("party", claims -> {
            claims.setAudience("nexus-pages", "other");
            claims.setClaim("azp", "other");
        });
        lies.put("issuer", claims -> claims.setIssuer("https://evil.example"));
        lies.put("end", claims -> claims.setExpirationTime(NumericDate.fromSeconds(1)));
        lies.forEach((name, lie) -> {
            issuer.login().as("alice", claims -> {
                claims.setClaim("org", Map.of("tenant", tenant));
                claims.setClaim("realm_access", Map.of("roles", List.of("nexus:admin")));
                lie.accept(claims);
            });
            Response back = come("/ui");
            assertThat(back.statusCode()).as(name).isEqualTo(403);
            assertThat(back.asString()).as(name).contains("its answer is not valid");
            assertThat(visitor.cookies()).as(name).doesNotContainKey(SESSION);
        });
    }

    @Test
    void whoPressesCancelIsNotIn() {
        issuer.login().deny();
        String state = answer("/ui").replaceFirst(".*(state=[^&]+).*", "$1");
        Map<String, String> logged = Map.of(
                "access_denied", "access_denied",
                "invalid_scope", "invalid_scope",
                "%3Cscript%3E", "other");
        logged.forEach((sent, code) -> {
            Visitor same = new Visitor();
            same.cookies().putAll(visitor.cookies());
            try (LogCapture log = LogCapture.open()) {
                Response back = same.get("/ui/signed-in/company?error=" + sent + "&error_description=words&" + state);

                assertThat(back.statusCode()).isEqualTo(403);
                assertThat(back.asString()).contains("did not sign you in").doesNotContain(code);
                assertThat(log.lines())
                        .anySatisfy(line -> assertThat(line).contains("company", code))
                        .noneSatisfy(line -> assertThat(line).containsAnyOf("words", "<script>"));
            }
        });
    }

    @Test
    void anIssuerThatIsAwaySaysSo() {
        issuer.login().as("alice", tenant, "nexus:admin");
        String good = answer("/ui");
        issuer.rotate(TestIssuer.rsa());
        issuer.answer(503);

        Response back = visitor.get(good);

        assertThat(back.statusCode()).isEqualTo(503);
        assertThat(visitor.cookies()).doesNotContainKey(SESSION);
        issuer.answer(200);
        await().untilAsserted(() -> assertThat(come("/ui").statusCode()).isEqualTo(200));
    }

    /** As Keycloak does by default. */
    @Test
    void rolesThatOnlyTheAccessTokenHasCount() {
        issuer.login().as("alice", claims -> {});
        issuer.login().giving(issuer.token("alice", tenant, "nexus:auditor"));

        assertThat(come("/ui/audit").statusCode()).isEqualTo(200);
        assertThat(visitor.get("/ui/audit").statusCode()).isEqualTo(200);
        assertThat(visitor.get("/ui/credentials").statusCode()).isEqualTo(403);
    }

    @Test
    void anAccessTokenThatIsNoneOfACallerGivesNoRole() {
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("another person", issuer.token("mallory", tenant, "nexus:auditor"));
        tokens.put("audience", signed(claims -> claims.setAudience("account")));
        tokens.put("issuer", signed(claims -> claims.setIssuer("https://evil.example")));
        tokens.put("end", signed(claims -> claims.setExpirationTime(NumericDate.fromSeconds(1))));
        tokens.put("bound to a key", signed(claims -> claims.setClaim("cnf", Map.of("jkt", "x"))));
        tokens.put("ID token", signed(claims -> claims.setClaim("nonce", "n")));
        tokens.put("key", TestIssuer.sign(withRoles(claims -> {}), TestIssuer.rsa()));
        tokens.put("nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.");
        tokens.forEach((name, token) -> {
            issuer.login().as("alice", claims -> {});
            issuer.login().giving(token);

            Response back = come("/ui");

            assertThat(back.statusCode()).as(name).isEqualTo(403);
            assertThat(back.asString()).as(name).contains("You have no role here yet");
            assertThat(visitor.cookies()).as(name).doesNotContainKey(SESSION);
        });
    }

    private String signed(Consumer<JwtClaims> lie) {
        return issuer.sign(withRoles(lie));
    }

    private JwtClaims withRoles(Consumer<JwtClaims> lie) {
        JwtClaims claims = issuer.claims("alice");
        claims.setClaim("org", Map.of("tenant", tenant));
        claims.setClaim("realm_access", Map.of("roles", List.of("nexus:auditor")));
        lie.accept(claims);
        return claims;
    }

    @Test
    void rolesThatOnlyUserinfoHasCountForTheSamePerson() {
        String roles = "{\"sub\":\"%s\",\"org\":{\"tenant\":\"" + tenant
                + "\"},\"realm_access\":{\"roles\":[\"nexus:auditor\"]}}";
        issuer.login().as("alice", claims -> {});
        for (String other : List.of(roles.formatted("mallory"), roles.replace("\"sub\":\"%s\",", ""), "[]", "eyJ")) {
            issuer.login().userInfo(other, 200);
            assertThat(come("/ui").statusCode()).as(other).isEqualTo(403);
        }
        issuer.login().userInfo(roles.formatted("alice"), 401);
        assertThat(come("/ui").statusCode()).isEqualTo(403);
        issuer.login().userInfo(roles.formatted("alice"), 500);
        assertThat(come("/ui").statusCode()).isEqualTo(503);
        assertThat(visitor.cookies()).doesNotContainKey(SESSION);

        issuer.login().userInfo(roles.formatted("alice"), 200);
        assertThat(come("/ui/audit").statusCode()).isEqualTo(200);
        assertThat(visitor.get("/ui/audit").statusCode()).isEqualTo(200);
    }

    @Test
    void peopleHaveNamesAndTheAuditTrailHasTheSubject() {
        String subject = "3f0c1a6e-9a70-4d1c-8f2b-6d0f7f1f2a11";
        Consumer<JwtClaims> roles = claims -> {
            claims.setClaim("org", Map.of("tenant", tenant));
            claims.setClaim("realm_access", Map.of("roles", List.of("nexus:auditor")));
        };
        issuer.login().as(subject, roles.andThen(claims -> {
            claims.setClaim("name", "  Alice\u202e\n<Example> ");
            claims.setClaim("preferred_username", "alice");
        }));
        come("/ui");
        assertThat(visitor.get("/ui/audit").asString())
                .contains("title=\"token:company:" + subject + "\">Alice &lt;Example&gt;</p>", "(you)");
        Api.as(Api.key(tenant, "auditor"))
                .get("/api/v1/audit")
                .then()
                .statusCode(200)
                .body("items.actor", org.hamcrest.Matchers.hasItem("token:company:" + subject));

        issuer.login().as(subject, roles.andThen(claims -> claims.setClaim("email", "x".repeat(100))));
        come("/ui");
        assertThat(visitor.get("/ui").asString()).contains(">" + "x".repeat(80) + "…</p>");

        issuer.login().as(subject, roles);
        issuer.login().userInfo("{\"sub\":\"" + subject + "\",\"preferred_username\":\"al\"}", 200);
        come("/ui");
        assertThat(visitor.get("/ui").asString()).contains("\">al</p>");

        issuer.login().as(subject, roles);
        issuer.login().userInfo("{}", 500);
        come("/ui");
        assertThat(visitor.get("/ui").asString()).contains("\">" + subject + "</p>");
    }

    @Test
    void signOutEndsTheSessionAtTheIssuerToo() {
        issuer.login().as("alice", tenant, "nexus:auditor");
        come("/ui");
        visitor.get("/ui");

        Response out = visitor.post("/ui/sign-out", Map.of());

        assertThat(out.statusCode()).isEqualTo(200);
        assertThat(visitor.cookies()).doesNotContainKey(SESSION).containsKey("nexus-entry");
        String there = out.htmlPath().getString("html.body.**.find { it.@id == 'onward' }.@href");
        assertThat(there).startsWith(issuer.url() + "/logout?client_id=nexus-pages&post_logout_redirect_uri=http");
        assertThat(out.asString()).contains("http-equiv=\"refresh\"", "url=" + there.replace("&", "&amp;"));
        String back = given().redirects()
                .follow(false)
                .urlEncodingEnabled(false)
                .get(there)
                .header("Location");
        String path = back.substring(back.indexOf("/ui/signed-out/company?state="));

        assertThat(new Visitor().get(path).asString()).doesNotContain("signed out");
        assertThat(copy().get(path.replace("state=", "state=0")).asString()).doesNotContain("signed out");
        assertThat(copy().get(path.replace("company", "other")).asString()).doesNotContain("signed out");
        assertThat(copy().get("/ui/signed-out/company").asString()).doesNotContain("signed out");
        assertThat(copy().get(path.replace("state=", "state=0")).headers().getValues("Set-Cookie"))
                .as("a sign-in may be under way in this browser")
                .noneMatch(cookie -> cookie.startsWith("nexus-entry="));
        String done = visitor.get(path).header("Location");
        assertThat(done).isEqualTo("/ui/sign-in?done=signed-out-everywhere");
        assertThat(visitor.cookies()).doesNotContainKey("nexus-entry");
        for (int load = 1; load <= 2; load++) {
            assertThat(visitor.get(done).asString()).contains("You are signed out, here and at the identity provider.");
        }
    }

    private Visitor copy() {
        Visitor same = new Visitor();
        same.cookies().putAll(visitor.cookies());
        return same;
    }

    @Test
    void anotherAccountIsAskedFor() {
        issuer.login().as("alice", claims -> {});
        String other = come("/ui/audit").htmlPath().getString("html.body.**.find { it.@id == 'another' }.@href");
        assertThat(other).isEqualTo("/ui/sign-in/company?account=other&next=%2Fui%2Faudit");
        assertThat(visitor.get(other).header("Location")).contains("&prompt=select_account");
        assertThat(begin(visitor, "/ui")).doesNotContain("prompt=");

        issuer.login().as("alice", tenant, "nexus:auditor");
        come("/ui");
        Response lacking = visitor.get("/ui/credentials");
        assertThat(lacking.statusCode()).isEqualTo(403);
        assertThat(lacking.asString()).contains("This page needs the role", "Use another account");
        Response out = visitor.post("/ui/sign-out", Map.of("another", "yes", "next", "/ui/credentials"));
        assertThat(out.asString()).contains("/ui/sign-in/company?account=other&amp;next=%2Fui%2Fcredentials");
        assertThat(visitor.cookies()).doesNotContainKey(SESSION);
        Visitor byKey = Visitor.with(Api.key(tenant, "auditor"));
        byKey.get("/ui");
        assertThat(byKey.post("/ui/sign-out", Map.of("another", "yes", "next", "/ui/credentials"))
                        .header("Location"))
                .isEqualTo("/ui/sign-in?next=%2Fui%2Fcredentials");
    }

    @Test
    void nobodySignsInWhereThatIsNotSet() {
        assertThat(visitor.get("/ui/sign-in/elsewhere").statusCode()).isEqualTo(404);
    }

    @Test
    void aRowThatTheServiceDidNotWriteSignsNobodyIn() {
        issuer.login().as("alice", tenant, "nexus:auditor");
        come("/ui");
        assertThat(visitor.get("/ui/audit").statusCode()).isEqualTo(200);

        pool.preparedQuery(
                        "UPDATE page_sessions SET identity = replace(identity, 'auditor', 'admin') WHERE identity LIKE $1")
                .execute(Tuple.of("%" + tenant + "%"))
                .await()
                .indefinitely();

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(visitor.get("/ui/audit").statusCode()).isEqualTo(303));
    }

    /** Goes to the issuer and comes back. */
    private Response come(String next) {
        return visitor.get(answer(next));
    }

    /** Goes to the issuer, and the address with which it sends the browser back. */
    private String answer(String next) {
        String location = begin(visitor, next);
        assertThat(location).startsWith(issuer.url() + "/authorize?");
        Response login = given().redirects()
                .follow(false)
                .urlEncodingEnabled(false)
                .get(location.replace("/authorize?", "/login?"));
        String back = login.header("Location");
        return back.substring(back.indexOf("/ui/signed-in/"));
    }

    private static String begin(Visitor who, String next) {
        Response begun = who.get("/ui/sign-in/company?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8));
        assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(303);
        return begun.header("Location");
    }

    private static void policies(String text) throws IOException {
        Files.writeString(TestIssuerResource.policyFile(), text);
    }
}
