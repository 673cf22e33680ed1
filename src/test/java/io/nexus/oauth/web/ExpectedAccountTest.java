package io.nexus.oauth.web;

import static io.nexus.oauth.rest.Browser.location;
import static io.nexus.oauth.rest.Browser.parameter;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.provider.ScriptedServer;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A link that is for one account at the provider. */
@QuarkusTest
class ExpectedAccountTest {

    @Inject
    Pool pool;

    @Inject
    OneTimeSecrets secrets;

    private final String user = Api.unique("user") + "@example.com";
    private final String account = Api.unique("account") + "@example.com";
    private final Browser browser = new Browser();

    @Test
    void connectsTheAccountWithTheExpectedId() {
        browser.connect(Api.link(user), account);
        Response stored = Api.admin()
                .get("/api/v1/credentials/" + Api.token("sandbox", user).path("credential_id"));
        String other = Api.unique("user") + "@example.com";

        HttpResponse<String> page =
                browser.connect(expecting(other, stored.path("account_id")).path("url"), account);

        assertThat(page.body()).contains("is connected");
        Api.token("sandbox", other).then().statusCode(200);
    }

    /** Anybody who had the link could connect an account of their own to the application's user. */
    @Test
    void refusesAnyOtherAccountAndLetsThePersonTryAgain() {
        browser.connect(Api.link(user), account);
        String id = Api.admin()
                .get("/api/v1/credentials/" + Api.token("sandbox", user).path("credential_id"))
                .path("account_id");
        String other = Api.unique("user") + "@example.com";
        Response session = expecting(other, id);

        String result = location(browser.get(browser.walk(session.path("url"), "another-" + account)));
        HttpResponse<String> page = browser.get(result);

        assertThat(page.body())
                .contains("is not connected", "This link is for another account", "Sign in with the account that")
                .contains("href=\"" + URI.create(result).getPath() + "/again\"")
                .doesNotContain("change your mind", account);
        assertThat(state(session).<String>path("error")).isEqualTo("unexpected_account");
        Api.assertProblem(Api.token("sandbox", other), 404, "credential-not-found");

        String again = location(browser.get(result + "/again", "Sec-Fetch-Site", "same-origin"));
        assertThat(browser.get(location(browser.get(browser.answer(again, account, "allow"))))
                        .body())
                .contains("is connected");
        Api.token("sandbox", other).then().statusCode(200);
    }

    /** An address counts only if the provider verified it: everybody can enter the address of somebody else. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"sub": "1", "email": "Owner@example.com", "email_verified": true}   | connected
            {"sub": "1", "email": "owner@example.com", "email_verified": "true"} | connected
            {"sub": "owner@example.com"}                                         | connected
            {"sub": "1", "email": "owner@example.com", "email_verified": false}  | identity_unavailable
            {"sub": "1", "email": "owner@example.com", "verified": true}         | identity_unavailable
            {"sub": "1", "preferred_username": "owner@example.com"}              | identity_unavailable
            {"sub": "1", "name": "owner@example.com"}                            | identity_unavailable
            {"sub": "1", "email": "owner@ex\u0061mple.c\u043em", "email_verified": true} | unexpected_account
            {"sub": "1", "email": "o\u017fner@example.com", "email_verified": true} | unexpected_account
            {"sub": "1", "email": "other@example.com", "email_verified": true}   | unexpected_account
            {"email": "owner@example.com", "email_verified": true}               | identity_unavailable
            """)
    void comparesTheIdAndTheVerifiedAddress(String userinfo, String end) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(200, "", ""))
                .at("/token", ConnectFlowTest.grant("first"))
                .at("/userinfo", ScriptedServer.json(200, userinfo))) {
            ConnectFlowTest.registerOauth2(server);

            Response session =
                    Api.session(Map.of("provider", "oauth2", "user", user, "expected_account", "owner@example.com"));
            browser.get(browser.walk(session.path("url"), account).replace("/callback/sandbox", "/callback/oauth2"));

            boolean connected = end.equals("connected");
            assertThat(state(session).<String>path("status")).isEqualTo(connected ? "connected" : "failed");
            assertThat(state(session).<String>path("error")).isEqualTo(connected ? null : end);
            assertThat(ConnectFlowTest.revoked(server)).hasSize(connected ? 0 : 1);
        }
    }

    /** The caller allows another account than the stored one, but not any. */
    @Test
    void replacesAnAccountByTheExpectedOneOnly() {
        browser.connect(Api.link(user), account);
        String third = Api.unique("user") + "@example.com";
        browser.connect(Api.link(third), "new-" + account);
        String id = Api.admin()
                .get("/api/v1/credentials/" + Api.token("sandbox", third).path("credential_id"))
                .path("account_id");
        Map<String, Object> wish =
                Map.of("provider", "sandbox", "user", user, "expected_account", id, "accept_other_account", true);

        Response refused = Api.session(wish);
        browser.connect(refused.path("url"), "wrong-" + account);
        assertThat(state(refused).<String>path("error")).isEqualTo("unexpected_account");

        Response replaced = Api.session(wish);
        browser.connect(replaced.path("url"), "new-" + account);
        assertThat(state(replaced).<String>path("status")).isEqualTo("connected");
    }

    @Test
    void suggestsTheExpectedAccountToTheProvider() {
        assertThat(browser.depart(expecting(user, "stable-id-1").path("url"))).doesNotContain("login_hint");
        assertThat(browser.depart(Api.link(user))).doesNotContain("login_hint");
    }

    /** A replica of the release before looks for the digest as it is, and would compare nothing. */
    @Test
    void isUnknownToReplicasThatDoNotCompareAccounts() {
        Response expecting = expecting(user, "stable-id-1");
        String plain = Api.link(Api.unique("user") + "@example.com");

        String state = parameter(browser.depart(expecting.path("url")), "state");
        String other = parameter(new Browser().depart(plain), "state");

        assertThat(digests(expecting.path("url"), state)).isEmpty();
        assertThat(digests(plain, other)).hasSize(1);
    }

    /** The sessions that a replica of the release before finds by the secret of a link or a state. */
    private List<String> digests(String link, String state) {
        String secret = link.substring(link.lastIndexOf('/') + 1);
        return java.util.stream.StreamSupport.stream(
                        pool.preparedQuery(
                                        "SELECT session_id::text FROM connect_sessions WHERE link_digest = $1 OR state_digest = $2")
                                .execute(Tuple.of(secrets.digest(Secret.of(secret)), secrets.digest(Secret.of(state))))
                                .await()
                                .indefinitely()
                                .spliterator(),
                        false)
                .map(row -> row.getString(0))
                .toList();
    }

    /** Whoever reconnects was often signed in with another account at the provider, and connected that one. */
    @Test
    void suggestsTheConnectedAccountOnAReconnect() {
        browser.connect(Api.link(user), account);

        assertThat(hint(Api.session(Map.of("provider", "sandbox", "user", user))))
                .isEqualTo(Browser.encode(account));
        Response any = Api.session(Map.of("provider", "sandbox", "user", user, "accept_other_account", true));
        assertThat(browser.depart(any.path("url"))).doesNotContain("login_hint");
    }

    private Response expecting(String user, String account) {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user, "expected_account", account));
        session.then().statusCode(201);
        return session;
    }

    private String hint(Response session) {
        return parameter(browser.depart(session.path("url")), "login_hint");
    }

    private static Response state(Response session) {
        return Api.admin().get("/api/v1/connect-sessions/" + session.path("id"));
    }
}
