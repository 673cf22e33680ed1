package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.code;
import static io.nexus.oauth.provider.Providers.credential;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.rest.LogCapture;
import io.nexus.oauth.testing.PlainHttp.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client secret is replaced without a gap. */
class ClientSecretFallbackIT {

    private static final String ROTATING = "refresh: {rotation: always}\n";
    private static final Script REFUSED = ScriptedServer.json(401, "{\"error\":\"invalid_client\"}");
    private static final Script OK = ScriptedServer.json(200, "{\"access_token\":\"at-2\",\"refresh_token\":\"rt-2\"}");

    private static ClientRegistration client() {
        return client("x");
    }

    private static ClientRegistration client(String id) {
        return new ClientRegistration(
                "x", id, Secret.of("first-canary"), Secret.of("second-canary"), Scopes.NONE, null, Map.of());
    }

    private static TokenReply refresh(ScriptedServer server, ClientRegistration client) {
        return await(Providers.at(server, ROTATING).refreshToken(client, credential()));
    }

    private static List<String> secrets(ScriptedServer server) {
        return server.requests().stream()
                .map(Request::body)
                .map(body -> body.replaceFirst(".*client_secret=([a-z]+)-canary.*", "$1"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "401, '{\"error\":\"invalid_client\"}'",
        "400, '{\"error\":\"invalid_client\"}'",
        "401, '{\"error\":\"unauthorized_client\"}'",
        "401, ''",
        "200, '{\"error\":\"incorrect_client_credentials\"}'"
    })
    void refusedClientTriesItsSecondSecret(int status, String body) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, body), OK)) {
            assertThat(refresh(server, client())).isInstanceOf(TokenReply.Granted.class);

            assertThat(secrets(server)).containsExactly("first", "second");
            assertThat(server.requests().get(1).body())
                    .isEqualTo(server.requests().get(0).body().replace("first", "second"));
        }
    }

    @Test
    void secondSecretIsTriedOnceAndTheFirstVerdictStands() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(REFUSED, ScriptedServer.json(400, "{\"error\":\"unauthorized_client\"}"), OK)) {
            assertThat(refresh(server, client())).isEqualTo(new TokenReply.Misconfigured("invalid_client", true));

            assertThat(secrets(server)).containsExactly("first", "second");
        }
    }

    // what is not about the client, or may have spent the token, is never repeated
    @ParameterizedTest
    @CsvSource({
        "400, '{\"error\":\"invalid_grant\"}'",
        "401, '{\"error\":\"invalid_grant\"}'",
        "400, '{\"error\":\"invalid_scope\"}'",
        "429, ''",
        "500, ''",
        "403, ''",
        "200, '<html>'",
        "200, '{\"access_token\":\"a\"}'"
    })
    void nothingElseIsRepeated(int status, String body) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, body), OK)) {
            refresh(server, client());

            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void lostAnswerIsNotRepeated() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reset(), OK)) {
            assertThat(refresh(server, client())).isInstanceOf(TokenReply.Unknown.class);

            assertThat(server.requests()).hasSize(1);
        }
    }

    // the second attempt was let in: what it says counts, the worst of it too
    @Test
    void verdictOfALetInSecondAttemptCounts() throws IOException {
        try (ScriptedServer ended =
                        new ScriptedServer(REFUSED, ScriptedServer.json(400, "{\"error\":\"invalid_grant\"}"));
                ScriptedServer lost = new ScriptedServer(REFUSED, ScriptedServer.reset())) {
            assertThat(refresh(ended, client())).isEqualTo(new TokenReply.Rejected("invalid_grant"));
            assertThat(refresh(lost, client())).isInstanceOf(TokenReply.Unknown.class);
        }
    }

    @Test
    void bothAttemptsShareOneBudget() throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                socket -> {
                    pause();
                    REFUSED.answer(socket);
                },
                ScriptedServer.silence())) {
            OAuthProvider provider = Providers.provider(
                    Providers.profile("authorize: {url: \"%1$s/a\"}\ntoken: {url: \"%1$s/token\", auth: post}\n%2$s"
                            .formatted(server.url(), ROTATING)),
                    Duration.ofSeconds(10));
            long began = System.nanoTime();

            assertThat(await(provider.refreshToken(client(), credential())))
                    .isEqualTo(new TokenReply.Unknown("reply_timeout"));

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(14));
            assertThat(server.requests()).hasSize(2);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(5_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void codesAreTradedTheSameWay() throws IOException {
        try (ScriptedServer server = new ScriptedServer(REFUSED, OK)) {
            assertThat(await(Providers.at(server, "").exchangeCode(client(), code(), Map.of())))
                    .isInstanceOf(TokenReply.Granted.class);

            assertThat(secrets(server)).containsExactly("first", "second");
        }
    }

    @ParameterizedTest
    @CsvSource({"200, REVOKED, 2", "401, UNKNOWN, 2"})
    void grantsAreRevokedTheSameWay(int second, RevocationReply reply, int requests) throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                ScriptedServer.json(401, "{\"error\":\"invalid_client\"}"), ScriptedServer.reply(second, "", ""))) {
            OAuthProvider provider = Providers.at(
                    server, "revoke: {style: rfc7009, url: \"%s/revoke\", auth: post}\n".formatted(server.url()));

            assertThat(await(provider.revokeToken(client(), credential()))).isEqualTo(reply);

            assertThat(secrets(server)).hasSize(requests).startsWith("first", "second");
        }
    }

    @Test
    void basicCredentialsAreReplacedNotAdded() throws IOException {
        try (ScriptedServer server = new ScriptedServer(REFUSED, OK)) {
            OAuthProvider provider = Providers.provider(
                    Providers.profile("authorize: {url: \"%1$s/a\"}\ntoken: {url: \"%1$s/token\", auth: basic}\n"
                            .formatted(server.url())),
                    Duration.ofSeconds(10));

            await(provider.refreshToken(client(), credential()));

            assertThat(server.requests())
                    .extracting(request -> new String(Base64.getDecoder()
                            .decode(request.headers().get("authorization").substring("Basic ".length()))))
                    .containsExactly("x:first-canary", "x:second-canary");
        }
    }

    @Test
    void clientWithOneSecretOrNoneHasNoSecond() throws IOException {
        var one = new ClientRegistration("x", "x", Secret.of("first-canary"), Scopes.NONE, null, Map.of());
        var none = new ClientRegistration("x", "x", null, Secret.of("second-canary"), Scopes.NONE, null, Map.of());
        try (ScriptedServer server = new ScriptedServer(REFUSED)) {
            assertThat(refresh(server, one)).isEqualTo(new TokenReply.Misconfigured("invalid_client", true));
            assertThat(refresh(server, none)).isEqualTo(new TokenReply.Misconfigured("invalid_client", true));

            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void operatorIsToldOnceAndWithoutSecrets() throws IOException {
        try (ScriptedServer server = new ScriptedServer(REFUSED, OK, REFUSED, OK, REFUSED, OK);
                LogCapture log = LogCapture.open()) {
            OAuthProvider provider = Providers.at(server, ROTATING);
            await(provider.refreshToken(client("rotated"), credential()));
            await(provider.refreshToken(client("rotated"), credential()));
            await(provider.refreshToken(client("other"), credential()));

            assertThat(log.lines())
                    .filteredOn(line -> line.contains("client rotated"))
                    .hasSize(1);
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("client other"))
                    .hasSize(1);
            assertThat(log.lines()).noneMatch(line -> line.contains("canary"));
        }
    }

    @Test
    void secondRegistrationHoldsOneSecret() {
        assertThat(client().second(ClientAuth.POST)).hasValueSatisfying(second -> {
            assertThat(second.clientSecret()).isEqualTo(Secret.of("second-canary"));
            assertThat(second.second(ClientAuth.POST)).isEqualTo(Optional.empty());
        });
        assertThat(client().toString()).doesNotContain("canary");
    }
}
