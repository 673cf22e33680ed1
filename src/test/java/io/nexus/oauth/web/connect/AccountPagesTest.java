package io.nexus.oauth.web.connect;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.connect.ConnectedAccounts;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page on which a person sees and ends the own connections. */
@QuarkusTest
class AccountPagesTest {

    private static final Pattern TOKEN = Pattern.compile("name=\"form_token\" value=\"([0-9a-f]{64})\"");

    @Inject
    ConnectedAccounts accounts;

    @Inject
    AgroalDataSource dataSource;

    private final String user = Api.unique("user");
    private final Browser browser = new Browser();
    private String cookie = "";

    @Test
    void showsTheConnectionsOfOneUserInOneTenant() {
        String id = connect(user);
        String foreign = connect(Api.unique("other"));
        String key = Api.key(Api.unique("tenant"), "connector", "tenant-admin");

        String page = open(link(user)).asString();

        assertThat(page)
                .contains(
                        "Your connected accounts", "Sandbox", "First connected on", "/connect/accounts/" + id + "/end")
                .contains("<span>The application knows you as</span> <span class=\"who\">" + user + "</span>")
                .doesNotContain(foreign, "The access has ended");
        assertThat(open(link(key, user)).asString())
                .contains("No account is connected")
                .doesNotContain(id);
    }

    /** Nobody has asked the provider yet, so the credential is still active. */
    @Test
    void showsThatBothTokensHaveEnded() {
        String id = connect(user);
        new TestDatabase(dataSource)
                .set(
                        UUID.fromString(id),
                        "issued_at = clock_timestamp() - interval '3 hours',"
                                + " expires_at = clock_timestamp() - interval '2 hours',"
                                + " refresh_expires_at = clock_timestamp() - interval '1 hour'");

        assertThat(open(link(user)).asString()).contains("The access has ended. Connect the account again");
        assertThat(status(id)).isEqualTo("active");
    }

    /** Nobody hides a scope behind others. */
    @Test
    void showsThatThereAreMoreScopes() {
        List<String> scopes = IntStream.rangeClosed(0, ScopeWords.MAX_UNNAMED)
                .mapToObj(i -> "unknown-" + i)
                .toList();
        String link = Api.session(Map.of("provider", "sandbox", "user", user, "scopes", scopes))
                .path("url");

        assertThat(browser.get(link).body()).contains("<code>unknown-19</code> …</p>");
        Map<String, Object> grant = Api.grant("scopes", scopes);
        grant.put("user", user);
        Api.imported(Api.bootstrapKey(), grant);
        assertThat(open(link(user)).asString()).contains("<li><code>unknown-19</code></li><li>…</li>");
    }

    @Test
    void endsAConnectionAfterAQuestion() {
        String id = connect(user);
        open(link(user));
        Response question = get("/connect/accounts/" + id + "/end");
        assertThat(question.asString()).contains("End the connection to Sandbox?");
        assertThat(status(id)).isEqualTo("active");

        Response ended = post("/connect/accounts/" + id + "/end", token(question));

        assertThat(ended.statusCode()).isEqualTo(303);
        assertThat(status(id)).isEqualTo("revoked");
        assertThat(get(ended.header("Location")).asString())
                .contains("The connection is ended.", "No account is connected")
                .doesNotContain(id);
        assertThat(Api.admin()
                        .queryParam("user", user)
                        .get("/api/v1/audit")
                        .<List<String>>path("items.findAll { it.operation == 'credential_revoked' }.actor"))
                .containsExactly("user:" + user);
    }

    @Test
    void theTrailNamesTheCallerThatMadeTheLink() {
        link(user);

        assertThat(Api.admin()
                        .queryParam("user", user)
                        .get("/api/v1/audit")
                        .<List<String>>path("items.findAll { it.operation == 'account_link_created' }.actor"))
                .singleElement()
                .asString()
                .doesNotContain(user);
    }

    @Test
    void onePersonMakesTwentyUnusedLinksAtMost() {
        String id = connect(user);
        Response page = open(link(user));
        String path = "/connect/accounts/" + id + "/again";
        for (int i = 0; i < ConnectSession.MAX_OWN_LINKS; i++) {
            assertThat(post(path, token(page)).header("Location"))
                    .contains("/connect/")
                    .doesNotContain("done=");
        }

        assertThat(post(path, token(page)).header("Location")).isEqualTo("/connect/accounts?done=failed");
    }

    @Test
    void aFormOfAnotherSiteEndsNothing() {
        String id = connect(user);
        Response page = open(link(user));
        String path = "/connect/accounts/" + id + "/end";

        assertThat(post(path, "").statusCode()).isEqualTo(404);
        assertThat(post(path, "0".repeat(64)).statusCode()).isEqualTo(404);
        assertThat(visitor()
                        .header("Sec-Fetch-Site", "cross-site")
                        .formParam("form_token", token(page))
                        .post(path)
                        .statusCode())
                .isEqualTo(404);
        assertThat(status(id)).isEqualTo("active");
    }

    @Test
    void nobodyEndsTheConnectionOfAnother() {
        String own = connect(user);
        String other = connect(Api.unique("other"));
        Response page = open(link(user));

        for (String id : List.of(other, UUID.randomUUID().toString())) {
            assertThat(get("/connect/accounts/" + id + "/end").header("Location"))
                    .isEqualTo("/connect/accounts");
            assertThat(post("/connect/accounts/" + id + "/end", token(page)).header("Location"))
                    .isEqualTo("/connect/accounts");
            assertThat(post("/connect/accounts/" + id + "/again", token(page)).header("Location"))
                    .isEqualTo("/connect/accounts");
        }
        assertThat(status(other)).isEqualTo("active");
        assertThat(status(own)).isEqualTo("active");
    }

    @Test
    void theCookieOfAnotherTenantReachesNothing() {
        String id = connect(user);
        Response page = open(link(Api.key(Api.unique("tenant"), "connector"), user));

        assertThat(get("/connect/accounts/" + id + "/end").header("Location")).isEqualTo("/connect/accounts");
        assertThat(page.asString()).doesNotContain(id);
        assertThat(status(id)).isEqualTo("active");
    }

    @Test
    void connectsAgainAndComesBack() {
        String id = connect(user);
        Response page = open(link(user));

        String link = post("/connect/accounts/" + id + "/again", token(page)).header("Location");

        assertThat(link).startsWith(Api.publicUrl() + "/connect/");
        String back = Browser.location(browser.get(browser.walk(link, user)));
        assertThat(back)
                .startsWith(Api.publicUrl() + "/connect/accounts?connect_session=")
                .endsWith("&status=connected");
        assertThat(get(back.substring(Api.publicUrl().length())).asString())
                .contains("The account is connected again.");
    }

    @Test
    void aLinkIsSealedAndEnds() {
        String link = link(user);
        String secret = link.substring(link.lastIndexOf('/') + 1);
        String changed = secret.substring(0, secret.length() - 8) + "AAAAAAAA";
        String late = accounts.link(TenantId.DEFAULT, user, Duration.ofSeconds(-1), null)
                .url();

        for (String wrong : List.of(changed, "x", "a." + "b".repeat(100), secret + "A".repeat(5000))) {
            assertOver(given().redirects().follow(false).get("/connect/accounts/open/" + wrong));
        }
        assertOver(given().redirects().follow(false).get(late));
        cookie = secret; // a link is no cookie
        assertOver(get("/connect/accounts"));
        open(link);
        assertOver(given().redirects().follow(false).get("/connect/accounts/open/" + cookie)); // and a cookie no link
        assertOver(given().redirects().follow(false).get("/connect/accounts"));
    }

    @Test
    void theCookieIsBoundedAndOutOfReachOfScripts() {
        Response opened = given().redirects().follow(false).get(link(user));

        assertThat(opened.header("Set-Cookie"))
                .matches("nexus-accounts=[A-Za-z0-9_.-]+; Path=/; HttpOnly; SameSite=Lax; Max-Age=1800")
                .hasSizeLessThan(4_096);
        assertThat(opened.header("Cache-Control")).isEqualTo("no-store");
        assertThat(opened.header("Location")).isEqualTo("/connect/accounts");
    }

    @Test
    void thePageKeepsScriptsFramesAndForeignFormsOut() {
        connect(user);
        Response page = open(link(user));

        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'")
                .doesNotContain("script-src", "unsafe");
        assertThat(page.header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void leavingClosesThePageInThisBrowser() {
        open(link(user));
        Response left = get("/connect/accounts/leave");

        assertThat(left.asString()).contains("You can close this page.");
        assertThat(left.header("Set-Cookie")).startsWith("nexus-accounts=;").endsWith("Max-Age=0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"user\": \"\"}",
                "{\"user\": \"a\", \"expires_in\": 59}",
                "{\"user\": \"a\", \"expires_in\": 86401}",
                "{\"user\": \"a\", \"return_url\": \"https://evil.example/\"}",
                "{\"user\": \"a\", \"tenant\": \"other\"}"
            })
    void refusesWhatIsNoLink(String body) {
        Api.assertProblem(Api.admin().body(body).post("/api/v1/account-links"), 400, "invalid-request");
    }

    @Test
    void aLongReturnUrlIsRefused() {
        Response refused = Api.admin()
                .body(Map.of("user", user, "return_url", "https://app.example/" + "x".repeat(1_000)))
                .post("/api/v1/account-links");

        Api.assertProblem(refused, 400, "invalid-request");
        assertThat(refused.<String>path("errors[0].pointer")).isEqualTo("/return_url");
    }

    /** The largest user and tenant still fit into a cookie. */
    @Test
    void theLongestUserFits() {
        String longest = "漢".repeat(254);
        Response opened = given().redirects().follow(false).get(link(longest));

        assertThat(opened.header("Set-Cookie")).hasSizeLessThan(4_096);
        assertThat(open(link(longest)).statusCode()).isEqualTo(200);
    }

    private String connect(String name) {
        HttpResponse<String> result = browser.connect(Api.link(name), name);
        assertThat(result.body()).contains("is connected");
        return Api.token("sandbox", name).path("credential_id");
    }

    private static String link(String name) {
        return link(Api.bootstrapKey(), name);
    }

    private static String link(String key, String name) {
        Response made = Api.as(key).body(Map.of("user", name)).post("/api/v1/account-links");
        made.then().statusCode(201).header("Cache-Control", "no-store");
        return made.path("url");
    }

    /** Opens a link and returns the page. */
    private Response open(String link) {
        Response opened = given().redirects().follow(false).get(link);
        assertThat(opened.statusCode()).isEqualTo(303);
        cookie = opened.cookie("nexus-accounts");
        return get(opened.header("Location"));
    }

    private Response get(String path) {
        return visitor().get(path);
    }

    private Response post(String path, String token) {
        return visitor().formParam("form_token", token).post(path);
    }

    private io.restassured.specification.RequestSpecification visitor() {
        return given().redirects().follow(false).cookie("nexus-accounts", cookie);
    }

    private static String token(Response page) {
        Matcher found = TOKEN.matcher(page.asString());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    private static String status(String credential) {
        return Api.admin().get("/api/v1/credentials/" + credential).path("status");
    }

    private static void assertOver(Response answer) {
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.asString()).contains("This page is no longer open");
    }
}
