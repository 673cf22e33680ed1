package io.nexus.oauth.web;

import static io.nexus.oauth.rest.Browser.location;
import static io.nexus.oauth.rest.Browser.parameter;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.provider.ScriptedServer;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.rest.LogCapture;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ConnectFlowTest {

    @Inject
    Pool pool;

    private final String user = Api.unique("user") + "@example.com";
    private final String account = Api.unique("account") + "@example.com";
    private final Browser browser = new Browser();

    @Test
    void connectsHandsOutRefreshesTestsAndRevokes() {
        Response session =
                Api.session(Map.of("provider", "sandbox", "user", user, "scopes", List.of("openid", "email")));
        session.then().statusCode(201);
        assertThat(session.<String>path("status")).isEqualTo("created");

        HttpResponse<String> result = browser.connect(session.path("url"), account);

        assertThat(result.statusCode()).isEqualTo(200);
        assertThat(result.body()).contains("is connected", user);
        Response ended = state(session.path("id"));
        assertThat(ended.<String>path("status")).isEqualTo("connected");
        assertThat(ended.<String>path("url")).isNull();
        String credential = ended.path("credential_id");

        Response token = Api.token("sandbox", user);
        token.then().statusCode(200).header("Cache-Control", "no-store").header("Pragma", "no-cache");
        assertThat(token.<String>path("access_token")).startsWith("sandbox-access-");
        assertThat(token.<String>path("credential_id")).isEqualTo(credential);
        assertThat(token.<String>path("header")).isEqualTo("Authorization: Bearer");
        assertThat(accepts(token)).isTrue();

        Response refreshed = Api.admin().post("/api/v1/credentials/" + credential + "/refresh");
        refreshed.then().statusCode(200);
        assertThat(refreshed.<Integer>path("version")).isEqualTo(token.<Integer>path("version") + 1);
        assertThat(refreshed.<String>path("account_label")).isEqualTo(account);
        Response next = Api.admin().get("/api/v1/credentials/" + credential + "/token");
        assertThat(next.<String>path("access_token")).isNotEqualTo(token.path("access_token"));

        Response test = Api.admin().post("/api/v1/credentials/" + credential + "/test");
        assertThat(test.<String>path("provider")).isEqualTo("valid");
        assertThat(test.<Boolean>path("valid")).isTrue();

        Response revoked = Api.admin().post("/api/v1/credentials/" + credential + "/revoke");
        revoked.then().statusCode(200);
        assertThat(revoked.<String>path("at_provider")).isEqualTo("revoked");
        assertThat(revoked.<String>path("credential.status")).isEqualTo("revoked");
        Api.assertProblem(Api.token("sandbox", user), 410, "credential-revoked");
        assertThat(accepts(next)).isFalse();
        assertThat(trail("operation"))
                .startsWith("connect_created", "connect_started", "credential_created", "connect_completed")
                .contains("token_refreshed", "credential_revoked");
        assertThat(trail("subject").subList(0, 4))
                .containsExactly(session.path("id"), session.path("id"), null, session.path("id"));
        assertThat(trail("actor").subList(0, 4)).containsExactly("bootstrap", "browser", "bootstrap", "browser");
    }

    @Test
    void storesNothingWhenThePersonSaysNo() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));

        String callback = browser.answer(browser.depart(session.path("url")), account, "deny");
        HttpResponse<String> result = browser.get(location(browser.get(callback)));

        assertThat(result.statusCode()).isEqualTo(200);
        assertThat(result.body())
                .contains("is not connected", "You did not allow the access", "Try again")
                .doesNotContain("access_denied");
        assertThat(state(session.path("id")).<String>path("status")).isEqualTo("failed");
        assertThat(state(session.path("id")).<String>path("error")).isEqualTo("access_denied");
        assertNothingStored();
        assertThat(trail("operation")).containsExactly("connect_created", "connect_started", "connect_failed");
        assertThat(trail("detail").getLast()).isEqualTo("access_denied");
    }

    @Test
    void whoeverRefusedMayThinkAgain() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String result = location(browser.get(browser.answer(browser.depart(session.path("url")), account, "deny")));
        assertThat(browser.get(result).body())
                .contains("href=\"" + URI.create(result).getPath() + "/again\"");

        assertRefused(new Browser().get(result + "/again"), 404, "This link does not work");
        assertRefused(browser.get(result + "/again", "Sec-Fetch-Site", "cross-site"), 404, "This link does not work");
        String departure = location(browser.get(result + "/again", "Sec-Fetch-Site", "same-origin"));
        assertThat(state(session.path("id")).<String>path("status")).isEqualTo("started");
        assertRefused(browser.get(result + "/again"), 404, "This link was already used");

        assertThat(browser.get(location(browser.get(browser.answer(departure, account, "allow"))))
                        .body())
                .contains("is connected");
        assertThat(state(session.path("id")).<String>path("status")).isEqualTo("connected");
    }

    @Test
    void anExpiredLinkCannotBeTriedAgain() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String result = location(browser.get(browser.answer(browser.depart(session.path("url")), account, "deny")));
        expire(session.path("id"));

        assertThat(browser.get(result).body()).contains("ask for a new link").doesNotContain("/again");
        assertRefused(browser.get(result + "/again"), 404, "This link was already used");
    }

    /** It said "try again in a moment", which was not true. */
    @Test
    void aClientWithoutAVariableIsNotTheFaultOfThePerson() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String link = session.path("url");
        pool.preparedQuery("UPDATE connect_sessions SET provider = 'okta' WHERE session_id = $1")
                .execute(Tuple.of(UUID.fromString(session.path("id"))))
                .await()
                .indefinitely();
        for (String page : List.of(link, link + "/start")) {
            HttpResponse<String> answer = browser.get(page);
            assertRefused(answer, 503, "This connection cannot begin");
            assertThat(answer.body())
                    .contains("is not set up right", "There is nothing you can do here", "client_not_registered")
                    .doesNotContain("in a moment");
        }
    }

    @Test
    void thePageSaysWhatTheApplicationMayDo() {
        Response session = Api.session(
                Map.of("provider", "sandbox", "user", user, "scopes", List.of("openid", "email", "invoices.read<b>")));

        assertThat(browser.get(session.path("url")).body())
                .contains(
                        "What the application may do", "See your e-mail address", "Keep the access while you are away")
                .contains("<code>invoices.read&lt;b&gt;</code>")
                .doesNotContain(">email<", ">openid<");
    }

    /** One field of the user's audit entries. */
    private List<String> trail(String field) {
        return Api.admin().queryParam("user", user).get("/api/v1/audit").path("items." + field);
    }

    @Test
    void aPreviewDoesNotUseTheLinkUp() {
        String link = Api.link(user);

        assertThat(new Browser().get(link).statusCode()).isEqualTo(200);
        assertThat(new Browser().get(link).headers().allValues("Set-Cookie")).isEmpty();

        assertThat(browser.connect(link, account).body()).contains("is connected");
    }

    @Test
    void aHeadUsesNeitherLinkNorStateUp() {
        String link = Api.link(user);
        assertThat(head(link + "/start")).isEqualTo(200);
        String callback = browser.answer(browser.depart(link), account, "allow");
        assertThat(head(callback)).isEqualTo(204);

        assertThat(browser.get(location(browser.get(callback))).body()).contains("is connected");
        assertThat(trail("operation")).containsOnlyOnce("connect_started");
    }

    private static int head(String url) {
        return io.restassured.RestAssured.given()
                .urlEncodingEnabled(false)
                .redirects()
                .follow(false)
                .head(url)
                .statusCode();
    }

    /** The link may wait in a mail for days; the state is for the time at the provider. */
    @Test
    void aBrowserThatStartedInTimeMayComeBackAfterTheLinkExpired() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user, "expires_in", 60));
        assertThat(Instant.parse(session.path("expires_at"))).isBetween(in(50), in(61));
        String departure = browser.depart(session.path("url"));
        expire(session.path("id"), "expires_at = now() - interval '1 second'");
        assertThat(Instant.parse(state(session.path("id")).path("expires_at"))).isBetween(in(3500), in(3601));

        String callback = browser.answer(departure, account, "allow");

        assertThat(browser.get(location(browser.get(callback))).body()).contains("is connected");
    }

    @Test
    void aStateDoesNotLiveAsLongAsItsLink() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user, "expires_in", 604800));
        assertThat(Instant.parse(session.path("expires_at"))).isBetween(in(604790), in(604801));
        String departure = browser.depart(session.path("url"));
        expire(session.path("id"), "state_expires_at = now() - interval '1 second'");

        browser.get(browser.answer(departure, account, "allow"));

        assertNothingStored();
        assertThat(browser.connect(session.path("url"), account).body()).contains("is connected");
    }

    @Test
    void aLinkIsValidForADay() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));

        assertThat(Instant.parse(session.path("expires_at"))).isBetween(in(86390), in(86401));
    }

    private static Instant in(int seconds) {
        return Instant.now().plusSeconds(seconds);
    }

    @Test
    void anApplicationWaitsForTheResult() throws Exception {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        CompletableFuture<Response> waiting = CompletableFuture.supplyAsync(
                () -> Api.admin().queryParam("wait", 30).get("/api/v1/connect-sessions/" + session.path("id")));
        String departure = browser.depart(session.path("url"));
        assertThat(waiting).isNotDone();

        browser.get(browser.answer(departure, account, "allow"));

        assertThat(waiting.get(20, TimeUnit.SECONDS).<String>path("status")).isEqualTo("connected");
    }

    @Test
    void aWaitEndsWithThePresentState() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));

        Response state = Api.admin().queryParam("wait", 1).get("/api/v1/connect-sessions/" + session.path("id"));

        assertThat(state.<String>path("status")).isEqualTo("created");
        Api.assertProblem(
                Api.admin().queryParam("wait", 31).get("/api/v1/connect-sessions/" + session.path("id")),
                400,
                "invalid-request");
    }

    @Test
    void aSecondBrowserCannotGoOnWithAStartedLink() {
        String link = Api.link(user);
        String departure = browser.depart(link);

        HttpResponse<String> second = new Browser().get(link + "/start");

        assertRefused(second, 404, "This link was already used");
        assertThat(second.headers().firstValue("Location")).isEmpty();
        assertThat(second.headers().allValues("Set-Cookie")).isEmpty();
        assertThat(browser.get(location(browser.get(browser.answer(departure, account, "allow"))))
                        .body())
                .contains("is connected");
    }

    @Test
    void aLinkOnAnotherSiteDoesNotLeadPastTheFirstPage() {
        String link = Api.link(user);

        HttpResponse<String> skipped = browser.get(link + "/start", "Sec-Fetch-Site", "cross-site");

        assertThat(location(skipped)).isEqualTo(link);
        assertThat(browser.cookies()).isEmpty();
        assertThat(browser.get(link + "/start", "Sec-Fetch-Site", "same-origin")
                        .headers()
                        .firstValue("Location"))
                .hasValueSatisfying(url -> assertThat(url).contains("/sandbox/authorize"));
    }

    @Test
    void theResultIsForTheBrowserThatRanItOnly() {
        String departure = browser.depart(Api.link(user));
        String result = location(browser.get(browser.answer(departure, account, "allow")));

        assertThat(browser.get(result).body()).contains("is connected", user);
        assertThat(new Browser().get(result).body())
                .contains("This link does not work")
                .doesNotContain(user);
    }

    @Test
    void theSameBrowserMayStartAgainAndItsEarlierStateNoLongerWorks() {
        String link = Api.link(user);
        String earlier = browser.walk(link, account);
        String later = browser.walk(link, account);

        assertRefused(browser.get(earlier), 400, "This answer is not valid");
        assertNothingStored();

        assertThat(location(browser.get(later))).contains("/connect/result/");
    }

    @Test
    void aStateWorksOnce() {
        String link = Api.link(user);
        String callback = browser.walk(link, account);

        location(browser.get(callback));

        assertRefused(browser.get(callback), 400, "This answer is not valid");
        assertRefused(browser.get(link), 404, "This link was already used");
        assertRefused(browser.get(link + "/start"), 404, "This link was already used");
        assertThat(accepts(Api.token("sandbox", user))).isTrue();
    }

    @Test
    void anotherBrowserCannotBringTheAnswer() {
        String callback = browser.walk(Api.link(user), account);
        Browser other = new Browser();
        other.depart(Api.link(Api.unique("other")));

        assertRefused(new Browser().get(callback), 400, "This answer is not valid");
        assertRefused(other.get(callback), 400, "This answer is not valid");
        assertNothingStored();

        location(browser.get(callback)); // the code was not traded
        assertThat(accepts(Api.token("sandbox", user))).isTrue();
    }

    @Test
    void aStateIsOfOneProvider() {
        String callback = browser.walk(Api.link(user), account);

        for (String other : List.of("github", "oidc", "nobody")) {
            assertRefused(
                    browser.get(callback.replace("/callback/sandbox", "/callback/" + other)),
                    400,
                    "This answer is not valid");
        }
        assertNothingStored();

        location(browser.get(callback));
    }

    @Test
    void anUnknownStateChangesNothing() {
        browser.depart(Api.link(user));
        String callback = Api.publicUrl() + "/callback/sandbox?code=x&state=";

        assertRefused(browser.get(callback), 400, "This answer is not valid");
        assertRefused(browser.get(callback + "x".repeat(43)), 400, "This answer is not valid");
        assertThat(browser.get(callback + "%00").statusCode()).isEqualTo(400);
    }

    @Test
    void anExpiredLinkDoesNotWork() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        expire(session.path("id"));

        assertRefused(browser.get(session.path("url")), 404, "This link has expired");
        assertRefused(browser.get(session.path("url") + "/start"), 404, "This link has expired");
        assertThat(state(session.path("id")).<String>path("status")).isEqualTo("expired");
    }

    @Test
    void anAnswerAfterTheEndDoesNotWork() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String callback = browser.walk(session.path("url"), account);
        expire(session.path("id"));

        assertRefused(browser.get(callback), 400, "This answer is not valid");
        assertNothingStored();
        assertNoGrant();
    }

    @Test
    void aParameterMustNotComeTwice() {
        String callback = browser.walk(Api.link(user), account);

        assertRefused(browser.get(callback + "&code=another"), 400, "This answer is not valid");
        assertRefused(browser.get(callback + "&state=another"), 400, "This answer is not valid");
        assertNothingStored();

        location(browser.get(callback));
    }

    @Test
    void anAnswerWithoutACodeConnectsNothing() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String callback = browser.walk(session.path("url"), account);

        HttpResponse<String> result = browser.get(
                location(browser.get(Api.publicUrl() + "/callback/sandbox?state=" + parameter(callback, "state"))));

        assertThat(result.body()).contains("is not connected");
        assertThat(state(session.path("id")).<String>path("error")).isEqualTo("no_code");
        assertNothingStored();
    }

    // every code but access_denied became provider_error, and no log had it
    @ParameterizedTest
    @CsvSource({
        "invalid_scope, invalid_scope, is not set up right for this provider",
        "unauthorized_client, unauthorized_client, is not set up right for this provider",
        "temporarily_unavailable, temporarily_unavailable, has a problem at the moment",
        "SERVER_ERROR, server_error, has a problem at the moment",
        "interaction_required, interaction_required, wants you to sign in",
        "vendor.code-7, vendor.code-7, did not complete the connection",
        "<script>, provider_error, did not complete the connection"
    })
    void theCodeOfAFailedAuthorizationReachesSessionAndLog(String sent, String code, String words) {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String callback = browser.walk(session.path("url"), account);
        HttpResponse<String> result;
        try (LogCapture log = LogCapture.open()) {
            result = browser.get(location(browser.get(Api.publicUrl() + "/callback/sandbox?error="
                    + URLEncoder.encode(sent, StandardCharsets.UTF_8)
                    + "&error_description=somebody%27s+words&state=" + parameter(callback, "state"))));
            assertThat(log.lines())
                    .anySatisfy(line -> assertThat(line).contains("sandbox", session.path("id"), code))
                    .noneSatisfy(line -> assertThat(line).containsAnyOf("somebody", "<script>"));
        }

        assertThat(state(session.path("id")).<String>path("error")).isEqualTo(code);
        assertThat(result.body()).contains("is not connected", words).doesNotContain("somebody", "<script>");
        assertNothingStored();
    }

    @Test
    void anEmptyErrorBesideACodeIsNone() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String callback = browser.walk(session.path("url"), account);

        HttpResponse<String> result = browser.get(location(browser.get(callback + "&error=")));

        assertThat(result.body()).contains("is connected");
    }

    @Test
    void aResponseWithoutAnAccessTokenConnectsNothingAndSaysSo() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(ScriptedServer.json(200, "{\"id_token\":\"a.b.c\",\"refresh_token\":\"r\"}"))) {
            registerOauth2(Map.of("token_url", server.url() + "/token", "revoke_url", server.url() + "/revoke"));

            String session = connectThroughOauth2(Map.of("provider", "oauth2", "user", user));

            assertThat(state(session).<String>path("error")).isEqualTo("no_token");
            assertThat(revoked(server)).containsExactly("r");
        }
    }

    /** No user will ever use these tokens, so they must not stay valid at the provider. */
    @Test
    void tokensThatAreNotStoredAreRevoked() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(200, "", ""))
                .at("/token", grant("first"))
                .at("/userinfo", ScriptedServer.json(200, "{\"sub\":\"one\"}"))) {
            registerOauth2(server);
            connectThroughOauth2(Map.of("provider", "oauth2", "user", user));
            assertThat(revoked(server)).isEmpty();

            server.at("/token", grant("other")).at("/userinfo", ScriptedServer.json(200, "{\"sub\":\"two\"}"));
            assertThat(errorOfReconnect()).isEqualTo("other_account");
            server.at("/token", grant("unknown")).at("/userinfo", ScriptedServer.reply(500, "", ""));
            assertThat(errorOfReconnect()).isEqualTo("identity_unavailable");

            assertThat(revoked(server)).containsExactly("other-refresh", "unknown-refresh");
            assertThat(Api.token("oauth2", user).<String>path("access_token")).isEqualTo("first");
        }
    }

    static ScriptedServer.Script grant(String name) {
        return ScriptedServer.json(
                200, "{\"access_token\":\"%1$s\",\"refresh_token\":\"%1$s-refresh\"}".formatted(name));
    }

    private String errorOfReconnect() {
        return state(connectThroughOauth2(Map.of("provider", "oauth2", "user", user)))
                .path("error");
    }

    static void registerOauth2(ScriptedServer server) {
        registerOauth2(Map.of(
                "token_url", server.url() + "/token",
                "userinfo_url", server.url() + "/userinfo",
                "revoke_url", server.url() + "/revoke"));
    }

    static List<String> revoked(ScriptedServer server) {
        return server.requests().stream()
                .filter(request -> request.path().equals("/revoke"))
                .map(request -> request.params().get("token"))
                .toList();
    }

    /** The whole way to a token with answers that nobody asked to compress. */
    @Test
    void connectsThroughCompressedAnswers() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.gzip(
                200, "{\"access_token\":\"packed\",\"refresh_token\":\"r\",\"expires_in\":3600}"))) {
            registerSandboxAsOauth2("/sandbox/userinfo", server.url() + "/token");

            String session = connectThroughOauth2(Map.of("provider", "oauth2", "user", user));

            assertThat(state(session).<String>path("status")).isEqualTo("connected");
            assertThat(Api.token("oauth2", user).<String>path("access_token")).isEqualTo("packed");
        }
    }

    @Test
    void anAnswerOfAnotherIssuerIsRefusedAndItsCodeNotTraded() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String callback = browser.walk(session.path("url"), account);

        HttpResponse<String> result =
                browser.get(location(browser.get(callback.replaceAll("iss=[^&]*", "iss=https%3A%2F%2Fevil.example"))));

        assertThat(result.body()).contains("is not connected");
        assertThat(state(session.path("id")).<String>path("error")).isEqualTo("issuer_mismatch");
        assertNothingStored();
        assertNoGrant();
    }

    /** Neither the code nor the client's secret goes to a host that the person was not sent to. */
    @Test
    void aCodeIsNotTradedWhereOtherVariablesLead() {
        registerSandboxAsOauth2("/sandbox/userinfo");
        Map<String, Object> wish = Map.of("provider", "oauth2", "user", user);
        Response session = Api.session(wish);
        String back = browser.walk(session.path("url"), account).replace("/callback/sandbox", "/callback/oauth2");
        registerSandboxAsOauth2("/sandbox/userinfo?elsewhere");

        HttpResponse<String> result = browser.get(location(browser.get(back)));

        assertThat(result.body()).contains("is not connected", "changed in the meantime");
        assertThat(state(session.path("id")).<String>path("error")).isEqualTo("client_changed");
        assertThat(Api.token("oauth2", user).statusCode()).isEqualTo(404);
        assertNoGrant();

        // who writes to the database makes both the same
        registerSandboxAsOauth2("/sandbox/userinfo");
        Response changed = Api.session(wish);
        back = browser.walk(changed.path("url"), account).replace("/callback/sandbox", "/callback/oauth2");
        registerSandboxAsOauth2("/sandbox/userinfo?elsewhere");
        pool.preparedQuery("UPDATE connect_sessions SET client_vars ="
                        + " (SELECT vars FROM oauth_clients WHERE tenant_id = 'default' AND provider = 'oauth2')"
                        + " WHERE session_id = $1")
                .execute(Tuple.of(UUID.fromString(changed.path("id"))))
                .await()
                .indefinitely();

        browser.get(back);

        assertThat(state(changed.path("id")).<String>path("error")).isEqualTo("internal");
        assertNoGrant();
    }

    @Test
    void aForeignCodeIsRefusedByTheProvider() {
        String stolen = parameter(new Browser().walk(Api.link(Api.unique("victim")), account), "code");
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String callback = browser.walk(session.path("url"), account);

        location(browser.get(callback.replaceAll("code=[^&]*", "code=" + stolen)));

        assertThat(state(session.path("id")).<String>path("error")).isEqualTo("invalid_grant");
        assertNothingStored();
    }

    @Test
    void ofManyEqualAnswersOneIsTraded() {
        String callback = browser.walk(Api.link(user), account);
        double before = Api.metric("nexus_oauth_connect_flows_total", "provider=\"sandbox\"", "outcome=\"completed\"");

        List<CompletableFuture<HttpResponse<String>>> all =
                IntStream.range(0, 50).mapToObj(i -> browser.getLater(callback)).toList();
        List<Integer> statuses = all.stream()
                .map(CompletableFuture::join)
                .map(answer -> answered(callback, answer))
                .map(HttpResponse::statusCode)
                .toList();

        assertThat(statuses).filteredOn(status -> status == 303).hasSize(1);
        assertThat(statuses).filteredOn(status -> status == 400).hasSize(49);
        assertThat(Api.metric("nexus_oauth_connect_flows_total", "provider=\"sandbox\"", "outcome=\"completed\""))
                .isEqualTo(before + 1);
        assertThat(accepts(
                        Api.token("sandbox", user))) // the sandbox takes back what it gave for a code that comes twice
                .isTrue();
    }

    /** Asked again as long as a busy database took too long, which changed nothing. */
    private HttpResponse<String> answered(String callback, HttpResponse<String> first) {
        HttpResponse<String> answer = first;
        for (int i = 0; i < 60 && answer.statusCode() == 503; i++) {
            answer = browser.getLater(callback).join();
        }
        return answer;
    }

    @Test
    void aReconnectKeepsTheId() {
        browser.connect(Api.link(user), account);
        Response before = Api.token("sandbox", user);
        String credential = before.path("credential_id");
        Response session = Api.session(Map.of("credential_id", credential));
        session.then().statusCode(201);

        assertThat(browser.connect(session.path("url"), account).body()).contains("is connected", user);

        Response after = Api.token("sandbox", user);
        assertThat(after.<String>path("credential_id")).isEqualTo(credential);
        assertThat(after.<String>path("access_token")).isNotEqualTo(before.path("access_token"));
        assertThat(after.<Integer>path("version")).isGreaterThan(before.path("version"));
        assertThat(accepts(after)).isTrue();
    }

    @Test
    void aReconnectWithAnotherAccountIsRefusedUnlessTheCallerAcceptsIt() {
        browser.connect(Api.link(user), account);
        Response before = Api.token("sandbox", user);
        Map<String, Object> wish = new HashMap<>(Map.of("credential_id", before.path("credential_id")));

        Response refused = Api.session(wish);
        HttpResponse<String> page = browser.connect(refused.path("url"), "another-" + account);

        assertThat(page.body()).contains("is not connected", "another account than the one that was connected before");
        assertThat(state(refused.path("id")).<String>path("error")).isEqualTo("other_account");
        assertThat(Api.token("sandbox", user).<String>path("access_token")).isEqualTo(before.path("access_token"));

        wish.put("accept_other_account", true);
        page = browser.connect(Api.session(wish).path("url"), "another-" + account);

        assertThat(page.body()).contains("is connected");
        Response after = Api.token("sandbox", user);
        assertThat(after.<String>path("credential_id")).isEqualTo(before.path("credential_id"));
        assertThat(after.<String>path("access_token")).isNotEqualTo(before.path("access_token"));
    }

    /** Without an identity from the provider the accounts cannot be compared, so the token must not be stored. */
    @Test
    void aReconnectThatCannotBeComparedIsRefused() {
        registerSandboxAsOauth2("/sandbox/userinfo");
        connectThroughOauth2(Map.of("provider", "oauth2", "user", user));
        Response before = Api.token("oauth2", user);
        before.then().statusCode(200);
        Map<String, Object> wish = new HashMap<>(Map.of("credential_id", before.path("credential_id")));

        registerSandboxAsOauth2("/sandbox/nothing");
        String refused = connectThroughOauth2(wish);

        assertThat(state(refused).<String>path("error")).isEqualTo("identity_unavailable");
        assertThat(Api.token("oauth2", user).<String>path("access_token")).isEqualTo(before.path("access_token"));

        wish.put("accept_other_account", true);
        assertThat(state(connectThroughOauth2(wish)).<String>path("status")).isEqualTo("connected");
    }

    /** The sandbox once more, as a server of which only addresses are known. */
    private static void registerSandboxAsOauth2(String userinfo) {
        registerSandboxAsOauth2(userinfo, Api.publicUrl() + "/sandbox/token");
    }

    private static void registerSandboxAsOauth2(String userinfo, String tokenUrl) {
        registerOauth2(Map.of("token_url", tokenUrl, "userinfo_url", Api.publicUrl() + userinfo));
    }

    private static void registerOauth2(Map<String, String> urls) {
        String base = Api.publicUrl();
        Map<String, String> vars = new HashMap<>(urls);
        vars.put("authorize_url", base + "/sandbox/authorize");
        Api.admin()
                .body(Map.of(
                        "client_id",
                        "nexus-local",
                        "client_secret",
                        ConfigProvider.getConfig().getValue("nexus.oauth.clients.sandbox.client-secret", String.class),
                        "redirect_uri",
                        base + "/callback/sandbox",
                        "scopes",
                        List.of("profile"),
                        "vars",
                        vars))
                .put("/api/v1/clients/oauth2")
                .then()
                .statusCode(200);
    }

    /** The session's id. The sandbox knows one way back; the browser is led to the other provider's. */
    private String connectThroughOauth2(Map<String, Object> wish) {
        Response session = Api.session(wish);
        session.then().statusCode(201);
        String back = browser.walk(session.path("url"), account);
        browser.get(back.replace("/callback/sandbox", "/callback/oauth2"));
        return session.path("id");
    }

    @Test
    void everyPageKeepsScriptsFramesCachesAndReferrersOut() {
        String link = Api.link(user);
        HttpResponse<String> page = browser.get(link);
        HttpResponse<String> result = browser.connect(link, account);
        HttpResponse<String> used = browser.get(link);
        HttpResponse<String> mismatch = browser.get(Api.publicUrl() + "/callback/sandbox?state=x&code=y");
        HttpResponse<String> nothing = browser.get(Api.publicUrl() + "/connect/result/" + UUID.randomUUID());

        assertThat(List.of(page.statusCode(), result.statusCode(), used.statusCode(), mismatch.statusCode()))
                .containsExactly(200, 200, 404, 400);
        for (HttpResponse<String> response : List.of(page, result, used, mismatch, nothing)) {
            assertThat(header(response, "Content-Type")).isEqualTo("text/html;charset=utf-8");
            assertThat(header(response, "Content-Security-Policy"))
                    .contains("default-src 'none'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'")
                    .doesNotContain("unsafe", "script-src", "*");
            assertThat(header(response, "X-Frame-Options")).isEqualTo("DENY");
            assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(header(response, "Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
            assertThat(response.body()).doesNotContain("<script", "style=").doesNotContainPattern("\\son[a-z]+=");
        }
    }

    @Test
    void everyRedirectKeepsCachesAndReferrersOut() {
        String link = Api.link(user);
        HttpResponse<String> start = browser.get(link + "/start");
        HttpResponse<String> back = browser.get(browser.walk(link, account));

        for (HttpResponse<String> response : List.of(start, back)) {
            assertThat(response.statusCode()).isEqualTo(303);
            assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
            assertThat(header(response, "Referrer-Policy")).isEqualTo("no-referrer");
        }
        assertThat(location(back)).doesNotContain("code=", "state=");
    }

    @Test
    void theCookieIsOutOfReachOfScriptsAndOtherSites() {
        HttpResponse<String> start = browser.get(Api.link(user) + "/start");

        assertThat(start.headers().allValues("Set-Cookie"))
                .singleElement()
                .asString()
                .matches("nexus-connect=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
    }

    @Test
    void asksWithPkceAndAFreshState() {
        String link = Api.link(user);
        String first = browser.depart(link);
        String second = browser.depart(link);

        for (String url : List.of(first, second)) {
            assertThat(parameter(url, "response_type")).isEqualTo("code");
            assertThat(parameter(url, "code_challenge_method")).isEqualTo("S256");
            assertThat(parameter(url, "code_challenge")).matches("[A-Za-z0-9_-]{43}");
            assertThat(parameter(url, "state")).matches("[A-Za-z0-9_-]{43}");
            assertThat(url).doesNotContain(link.substring(link.lastIndexOf('/') + 1), "code_verifier", user);
        }
        assertThat(parameter(first, "state")).isNotEqualTo(parameter(second, "state"));
        assertThat(parameter(first, "code_challenge")).isNotEqualTo(parameter(second, "code_challenge"));
    }

    @Test
    void aForgedHostMovesNoRedirect() {
        Response session = Api.admin()
                .header("Host", "evil.example")
                .header("X-Forwarded-Host", "evil.example")
                .header("Forwarded", "host=evil.example")
                .body(Map.of("provider", "sandbox", "user", user))
                .post("/api/v1/connect-sessions");

        session.then().statusCode(201);
        assertThat(session.<String>path("url")).startsWith(Api.publicUrl() + "/connect/");
        assertThat(Browser.encode(Api.publicUrl() + "/callback/sandbox"))
                .isEqualTo(parameter(browser.depart(session.path("url")), "redirect_uri"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "'onmouseover='alert(1)",
                "{user}{@java.lang.String x}",
                "&lt;b&gt;"
            })
    void whatACallerNamesIsTextOnThePage(String name) {
        String evil = name + Api.unique("");
        String link = Api.link(evil);

        String page = browser.get(link).body();
        String result = browser.connect(link, account).body();

        String escaped = evil.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
        assertThat(page).contains(escaped);
        assertThat(result).contains(escaped).contains("is connected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "error_description", "error_uri", "scope", "state", "code", "iss", "x"})
    void whatTheBrowserBringsIsNeverShown(String name) {
        String callback = browser.answer(browser.depart(Api.link(user)), account, "deny");
        String evil = "canary<script>alert(1)</script>";
        String changed =
                callback.replaceAll("([?&])" + name + "=[^&]*", "$1z=z") + "&" + name + "=" + Browser.encode(evil);

        HttpResponse<String> answer = browser.get(changed);
        String shown =
                answer.statusCode() == 303 ? browser.get(location(answer)).body() : answer.body();

        assertThat(shown).doesNotContain("canary", "alert(1)");
        assertThat(answer.headers().map().toString()).doesNotContain("canary");
        assertNothingStored();
    }

    @Test
    void noSecretIsLoggedEvenWhileDebugging() {
        try (LogCapture log = LogCapture.openWithDebug("io.nexus", "org.hibernate.SQL")) {
            String link = Api.link(user);
            String callback = browser.walk(link, account);
            browser.get(callback);
            browser.get(callback);
            Response token = Api.token("sandbox", user);
            String id = token.path("credential_id");
            Api.admin().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200);
            Response next = Api.token("sandbox", user);
            Api.admin().post("/api/v1/credentials/" + id + "/revoke").then().statusCode(200);

            List<String> secrets = List.of(
                    link.substring(link.lastIndexOf('/') + 1),
                    parameter(callback, "code"),
                    parameter(callback, "state"),
                    browser.cookies().get("nexus-connect"),
                    token.path("access_token"),
                    next.path("access_token"),
                    "sandbox-refresh-",
                    Api.bootstrapKey());
            assertThat(log.lines()).anyMatch(line -> line.contains("credential_created") && line.contains(user));
            assertThat(String.join("\n", log.lines())).doesNotContain(secrets);
        }
    }

    @Test
    void whatIsStoredOfASessionOpensNothing() {
        String link = Api.link(user);
        String departure = browser.depart(link);

        String row = pool.preparedQuery("SELECT s::text AS row FROM connect_sessions s WHERE user_email = $1")
                .execute(Tuple.of(user))
                .map(rows -> rows.iterator().next().getString("row"))
                .await()
                .indefinitely();

        assertThat(row)
                .contains("started")
                .doesNotContain(
                        link.substring(link.lastIndexOf('/') + 1),
                        parameter(departure, "state"),
                        browser.cookies().get("nexus-connect"));
    }

    private void expire(String session) {
        expire(session, "expires_at = now() - interval '1 second', state_expires_at = now() - interval '1 second'");
    }

    private void expire(String session, String change) {
        pool.preparedQuery("UPDATE connect_sessions SET " + change + " WHERE session_id = $1")
                .execute(Tuple.of(UUID.fromString(session)))
                .await()
                .indefinitely();
    }

    private static Response state(String session) {
        return Api.admin().get("/api/v1/connect-sessions/" + session);
    }

    private static boolean accepts(Response token) {
        token.then().statusCode(200);
        int status = io.restassured.RestAssured.given()
                .header("Authorization", "Bearer " + token.path("access_token"))
                .get("/sandbox/userinfo")
                .statusCode();
        assertThat(status).isIn(200, 401);
        return status == 200;
    }

    private static void assertRefused(HttpResponse<String> page, int status, String title) {
        assertThat(page.statusCode()).isEqualTo(status);
        assertThat(page.body()).contains(title);
    }

    private void assertNothingStored() {
        Api.assertProblem(Api.token("sandbox", user), 404, "credential-not-found");
    }

    /** The sandbox lists who was granted tokens: this account traded no code. */
    private void assertNoGrant() {
        assertThat(browser.get(Api.publicUrl() + "/sandbox").body()).doesNotContain(account);
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
