package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.client;
import static io.nexus.oauth.provider.Providers.code;
import static io.nexus.oauth.provider.Providers.credential;
import static io.nexus.oauth.provider.Providers.publicClient;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.testing.PlainHttp.Request;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenEndpointTest {

    private static final String ROTATING = "refresh: {rotation: always}\n";
    private static final Script OK = ScriptedServer.json(200, "{\"access_token\":\"at-2\",\"refresh_token\":\"rt-2\"}");

    @Test
    void refreshIsOneFormPost() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            TokenReply reply = await(Providers.at(server, ROTATING).refreshToken(client(), credential()));

            assertThat(reply).isInstanceOf(TokenReply.Granted.class);
            Request request = server.request();
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.target()).isEqualTo("/token");
            assertThat(request.body())
                    .isEqualTo(
                            "grant_type=refresh_token&refresh_token=rt-1&client_id=my+client&client_secret=s%3Ae%26cret");
            assertThat(request.headers())
                    .containsEntry("content-type", "application/x-www-form-urlencoded")
                    .containsEntry("accept", "application/json")
                    .containsEntry("connection", "close")
                    .containsEntry("accept-encoding", "identity")
                    .doesNotContainKeys("authorization", "upgrade");
        }
    }

    @Test
    void exchangeSendsTheVerifier() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(Providers.at(server, "").exchangeCode(publicClient(), code(), Map.of()));

            assertThat(server.request().body())
                    .isEqualTo("grant_type=authorization_code&code=code-1&redirect_uri=https%3A%2F%2Fus.example%2Fcb"
                            + "&code_verifier=verifier-1&client_id=my+client");
        }
    }

    @Test
    void exchangeKeepsWhatTheCallbackSaid() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            OAuthProvider provider =
                    Providers.provider(Providers.profile("""
                            vars: {realm: {from: "callback:realmId", pattern: ".*"}, spare: {pattern: ".*", optional: true}}
                            authorize: {url: "%1$s/a", pkce: "off", callback: {capture: {region: loc, empty: e, forged: f}}}
                            token: {url: "%1$s/token"}
                            """.formatted(server.url())), Duration.ofSeconds(10));
            TokenReply reply = await(provider.exchangeCode(
                    client(), code(), Map.of("realmId", "12", "loc", "eu", "e", "", "f", "a\r\nb", "other", "x")));

            assertThat(((TokenReply.Granted) reply).response().metadata())
                    .isEqualTo(Map.of("realm", "12", "region", "eu"));
            assertThat(server.request().body()).doesNotContain("code_verifier");
        }
    }

    @Test
    void variablesOfTheCallbackNameTheHostOfTheExchange() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            OAuthProvider provider =
                    Providers.provider(Providers.profile("""
                            vars: {region: {from: "callback:location", pattern: "[a-z]{2}", default: us}}
                            authorize: {url: "%1$s/a", pkce: "off"}
                            token: {url: "%1$s/${region}/token"}
                            """.formatted(server.url())), Duration.ofSeconds(10));

            await(provider.exchangeCode(client(), code(), Map.of("location", "eu")));
            assertThat(server.request().target()).isEqualTo("/eu/token");
            assertThatThrownBy(() -> await(provider.exchangeCode(client(), code(), Map.of("location", "../evil"))))
                    .isInstanceOf(ProviderException.Misconfigured.class)
                    .hasMessageNotContaining("evil");
            assertThat(server.requests()).hasSize(1);
        }
    }

    private static OAuthProvider upgrading(ScriptedServer server) {
        return Providers.at(server, """
                upgrade: {url: "%s/longer", method: GET, grant: longer, param_names: {access_token: old}, omit: [client_id]}
                response: {refresh_token: /access_token, keep: [/user_id]}
                """.formatted(server.url()));
    }

    @Test
    void theTokenOfACodeIsTradedForOneThatLivesLonger() throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                ScriptedServer.json(200, "{\"access_token\":\"short\",\"user_id\":\"7\"}"),
                ScriptedServer.json(200, "{\"access_token\":\"long\",\"expires_in\":5184000}"))) {
            TokenReply reply = await(upgrading(server).exchangeCode(client(), code(), Map.of()));

            Request second = server.requests().getLast();
            assertThat(second.method()).isEqualTo("GET");
            assertThat(second.target()).isEqualTo("/longer?grant_type=longer&old=short&client_secret=s%3Ae%26cret");
            assertThat(((TokenReply.Granted) reply).response()).satisfies(response -> {
                assertThat(response.accessToken()).isEqualTo(Secret.of("long"));
                assertThat(response.refreshToken()).isEqualTo(Secret.of("long"));
                assertThat(response.metadata()).containsEntry("user_id", "7");
            });
        }
    }

    @Test
    void withoutTheLongerLifeThereIsNoGrant() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(OK, ScriptedServer.json(400, "{\"error\":\"invalid_request\"}"))) {
            assertThat(await(upgrading(server).exchangeCode(client(), code(), Map.of())))
                    .isInstanceOf(TokenReply.Misconfigured.class);
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void basicEncodesBeforeItJoins() throws IOException {
        assertThat(sent("token: {auth: basic}", client()).headers())
                .containsEntry("authorization", "Basic " + base64("my+client:s%3Ae%26cret"));
        assertThat(sent("token: {auth: basic}", client()).body())
                .isEqualTo("grant_type=refresh_token&refresh_token=rt-1");
    }

    @Test
    void basicCanGoWithoutFormEncoding() throws IOException {
        assertThat(sent("token: {auth: basic_raw}", client()).headers())
                .containsEntry("authorization", "Basic " + base64("my client:s:e&cret"));
    }

    @Test
    void secretCanBeTheUser() throws IOException {
        assertThat(sent("token: {auth: secret_as_user}", client()).headers())
                .containsEntry("authorization", "Basic " + base64("s%3Ae%26cret:"));
    }

    @Test
    void publicClientSendsItsIdAlone() throws IOException {
        String body = "grant_type=refresh_token&refresh_token=rt-1&client_id=my+client";

        assertThat(sent("token: {auth: none}", client()).body()).isEqualTo(body);
        assertThat(sent("token: {auth: basic}", publicClient()).body()).isEqualTo(body);
        assertThat(sent("token: {auth: post}", publicClient()).headers()).doesNotContainKey("authorization");
    }

    @Test
    void discoveredAuthenticationIsBasicWithoutMetadata() throws IOException {
        assertThat(sent("token: {auth: discovered}", client()).headers()).containsKey("authorization");
    }

    @Test
    void bodyCanBeJson() throws IOException {
        Request request = sent("token: {body: json}", client());

        assertThat(request.headers()).containsEntry("content-type", "application/json");
        assertThat(request.body())
                .isEqualTo("{\"grant_type\":\"refresh_token\",\"refresh_token\":\"rt-1\","
                        + "\"client_id\":\"my client\",\"client_secret\":\"s:e&cret\"}");
    }

    @Test
    void parametersCanBeTheQuery() throws IOException {
        Request request = sent("refresh: {method: GET, url: \"URL/t?v=1\"}\ntoken: {auth: basic}", client());

        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.target()).isEqualTo("/t?v=1&grant_type=refresh_token&refresh_token=rt-1");
        assertThat(sent("refresh: {body: query}\ntoken: {auth: basic}", client())
                        .target())
                .isEqualTo("/token?grant_type=refresh_token&refresh_token=rt-1");
    }

    @Test
    void refreshMayDifferFromTheExchange() throws IOException {
        Request request = sent("""
                vars: {zone: {default: eu, pattern: "[a-z]+"}, none: {optional: true}}
                token: {params: {a: b}, headers: {X-Zone: "${zone}", accept: text/plain}}
                refresh: {url: "URL/r", grant: extend, params: {z: "${zone}", n: "${none}"}, param_names: {client_id: app_id}, omit: [client_secret]}
                """, client());

        assertThat(request.target()).isEqualTo("/r");
        assertThat(request.body()).isEqualTo("z=eu&grant_type=extend&refresh_token=rt-1&app_id=my+client");
        assertThat(request.headers()).containsEntry("x-zone", "eu").containsEntry("accept", "text/plain");
    }

    @Test
    void scopesAreRepeatedWhereTheProviderInsists() throws IOException {
        String yaml = "authorize: {base_scopes: [offline]}\nrefresh: {send_scope: true}\n";
        try (ScriptedServer server = new ScriptedServer(OK)) {
            OAuthProvider provider = provider(server, yaml);
            await(provider.refreshToken(client(), credential(Scopes.parse("a b"))));

            assertThat(server.request().body()).contains("&scope=a+b+offline&");
        }
        assertThat(sent(yaml, client()).body()).contains("&scope=offline&");
        assertThat(sent(yaml, client().omitting(Scopes.parse("offline"))).body())
                .doesNotContain("scope");
        assertThat(sent("refresh: {send_scope: true}", client()).body()).doesNotContain("scope");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void redirectIsNotFollowed(int status) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(status, "Location: /elsewhere", ""))) {
            assertThat(refresh(server, ROTATING)).isEqualTo(new TokenReply.Misconfigured("redirect", false));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void nothingIsSentWithoutTimeLeft() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            HttpExchange.Call call = new OutgoingRequest(Map.of(), Set.of())
                    .withBody("GET", URI.create(server.url()), null, Duration.ZERO, 10);
            for (int i = 0; i < 100; i++) {
                assertThat(await(Providers.WIRE.send(call))).isInstanceOf(ExchangeResult.NotSent.class);
            }
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void refusedConnectionIsDefinite() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        assertThat(spendAt("http://127.0.0.1:" + port)).isEqualTo(unreachable());
    }

    @Test
    void unknownHostAndFailedHandshakeAreDefinite() throws IOException {
        assertThat(spendAt("https://no-such-host.invalid")).isEqualTo(unreachable());
        try (ScriptedServer server = new ScriptedServer(OK)) {
            assertThat(spendAt(server.url().replace("http:", "https:"))).isEqualTo(unreachable());
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void serverThatNeverShakesHandsIsGivenUpBeforeAnythingIsSent() throws IOException {
        try (ServerSocket deaf = new ServerSocket(0)) {
            OAuthProvider provider = Providers.provider(
                    Providers.profile(tokenAt("https://127.0.0.1:" + deaf.getLocalPort())), Duration.ofMillis(300));

            assertThat(await(provider.refreshToken(client(), credential()))).isEqualTo(unreachable());
        }
    }

    @Test
    void resetAfterTheRequestIsUnknown() throws IOException {
        assertLost(ScriptedServer.reset(), "reply_lost");
    }

    @Test
    void truncatedReplyIsUnknown() throws IOException {
        assertLost(
                ScriptedServer.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access_token\":\"a\""),
                "reply_lost");
        assertLost(ScriptedServer.raw("HTTP/1.1 200 OK\r\n\r\n{\"access_token\":\"a\""), "unreadable_reply");
        assertLost(ScriptedServer.raw("nonsense\r\n\r\n"), "reply_lost");
    }

    @Test
    void silentServerIsCutAtTheTotal() throws IOException {
        assertLost(ScriptedServer.silence(), "reply_timeout");
    }

    @Test
    void dripIsCutAtTheTotalHoweverSteady() throws IOException {
        assertLost(ScriptedServer.drip(), "reply_timeout");
    }

    @Test
    void hugeBodyIsCut() throws IOException {
        assertLost(ScriptedServer.flood(10 * 1024 * 1024), "reply_too_large");
        assertLost(
                ScriptedServer.reply(200, "X-Big: " + "x".repeat(17 * 1024), "{\"access_token\":\"a\"}"), "reply_lost");
    }

    @Test
    void bodyOfTheCapIsRead() throws IOException {
        String start = "{\"access_token\":\"a\"";
        String body = start + " ".repeat(TokenEndpoint.MAX_REPLY_BYTES - start.length() - 1) + "}";
        try (ScriptedServer server =
                new ScriptedServer(ScriptedServer.json(200, body), ScriptedServer.json(200, body + " "))) {
            assertThat(refresh(server, ROTATING)).isInstanceOf(TokenReply.Granted.class);
            assertThat(refresh(server, ROTATING)).isEqualTo(new TokenReply.Unknown("reply_too_large"));
        }
    }

    @Test
    void compressedReplyIsNotUnpacked() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(ScriptedServer.reply(200, "Content-Encoding: gzip", "{\"access_token\":\"a\"}"))) {
            assertThat(refresh(server, ROTATING)).isInstanceOf(TokenReply.Granted.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 429, 500, 502, 503, 504})
    void noStatusIsRetried(int status) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, "{}"))) {
            refresh(server, ROTATING);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void lostExchangeIsUnknownEvenWithoutRotation() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reset())) {
            OAuthProvider provider = Providers.at(server, "refresh: {rotation: never}");

            assertThat(await(provider.exchangeCode(client(), code(), Map.of())))
                    .isEqualTo(new TokenReply.Unknown("reply_lost"));
            assertThat(await(provider.refreshToken(client(), credential())))
                    .isEqualTo(new TokenReply.Deferred("provider_error", Optional.empty(), false));
        }
    }

    @Test
    void nothingIsSentBeforeSubscription() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            Providers.at(server, "").refreshToken(client(), credential());
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void withoutARefreshTokenNothingIsSent() {
        OAuthCredential bare = OAuthCredential.bearer(Secret.of("at"), null, null);

        assertThat(await(Providers.shipped("google").refreshToken(client(), bare)))
                .isEqualTo(new TokenReply.Rejected("no_refresh_token", true));
    }

    @Test
    void requestThatHttpCannotCarryIsNotSent() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            HttpExchange.Call call = new OutgoingRequest(Map.of(), Set.of())
                    .header("X-A", "b\r\nc")
                    .withBody("GET", URI.create(server.url()), null, Duration.ofSeconds(5), 10);

            assertThat(await(Providers.WIRE.send(call))).isEqualTo(new ExchangeResult.NotSent("unsendable"));
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void requestPrintsNoSecret() {
        HttpExchange.Call call = new OutgoingRequest(Map.of(), Set.of())
                .bearer("p", "Bearer", Secret.of("canary"))
                .withBody("GET", URI.create("https://as.example/?canary"), "canary", Duration.ZERO, 1);

        assertThat(call).hasToString("GET as.example");
    }

    @Test
    void requestThatCannotBeBuiltFails() {
        OAuthProvider provider = Providers.shipped("keycloak");

        assertThatThrownBy(() -> await(provider.refreshToken(client(), credential())))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("base");
    }

    private static void assertLost(Script script, String code) throws IOException {
        try (ScriptedServer server = new ScriptedServer(script)) {
            Duration total = code.equals("reply_timeout") ? Duration.ofSeconds(3) : Duration.ofSeconds(30);
            OAuthProvider provider = Providers.provider(Providers.profile(tokenAt(server.url())), total);

            assertThat(await(provider.refreshToken(client(), credential()))).isEqualTo(new TokenReply.Unknown(code));
            assertThat(server.requests()).hasSize(1);
        }
    }

    private static TokenReply refresh(ScriptedServer server, String yaml) {
        return await(Providers.at(server, yaml).refreshToken(client(), credential()));
    }

    private static TokenReply spendAt(String url) {
        OAuthProvider provider = Providers.provider(Providers.profile(tokenAt(url)), Duration.ofSeconds(10));
        return await(provider.refreshToken(client(), credential()));
    }

    private static String tokenAt(String url) {
        return "authorize: {url: \"https://as.example/a\"}\ntoken: {url: \"" + url + "/token\"}\n" + ROTATING;
    }

    private static Request sent(String yaml, ClientRegistration client) throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(provider(server, yaml).refreshToken(client, credential()));
            return server.request();
        }
    }

    /** {@code yaml} over the two endpoints of the server, by inheritance. */
    private static OAuthProvider provider(ScriptedServer server, String yaml) {
        String base = "authorize: {url: \"%1$s/authorize\"}\ntoken: {url: \"%1$s/token\"}\n".formatted(server.url());
        return Providers.provider(Providers.over(base, yaml.replace("URL", server.url())), Duration.ofSeconds(10));
    }

    private static TokenReply unreachable() {
        return new TokenReply.Deferred("provider_unreachable", Optional.empty(), true);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
