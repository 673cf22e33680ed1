package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.OAuthProvider.TokenExchange;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.nexus.oauth.testing.PlainHttp.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The token request with the token of a user, and what a provider file changes in it. */
class ExchangeRequestTest {

    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
    private static final Script OK = ScriptedServer.json(
            200,
            "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"token_type\":\"N_A\",\"expires_in\":60,\"issued_token_type\":\"x:y\"}");

    @Test
    void theDefaultIsThatOfTheRfc() throws IOException {
        Request sent = sent("token_exchange: {}");

        assertThat(sent.params())
                .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .containsEntry("subject_token", "user token")
                .containsEntry("subject_token_type", JWT)
                .containsEntry("requested_token_type", ExchangeCall.ACCESS_TOKEN)
                .containsEntry("audience", "api")
                .containsEntry("scope", "a b")
                .containsEntry(
                        "client_secret",
                        Objects.requireNonNull(client().clientSecret()).reveal())
                .containsKeys("client_id", "resource")
                .hasSize(9);
        assertThat(sent.body()).contains("resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example");
    }

    @Test
    void aProviderFileHasItsOwnSection() throws IOException {
        Request sent = sent("""
                token_exchange:
                  url: "%s/exchange"
                  body: json
                  subject_token_type: fixed
                  requested_token_type: x:jwt
                  param_names: {subject_token: token}
                  omit: [audience, resource]
                  send_scope: false
                """);

        assertThat(sent.target()).isEqualTo("/exchange");
        assertThat(sent.body())
                .contains(
                        "\"token\":\"user token\"",
                        "\"subject_token_type\":\"fixed\"",
                        "\"requested_token_type\":\"x:jwt\"")
                .doesNotContain("audience", "resource", "scope");
    }

    @Test
    void onBehalfOfIsAsMicrosoftHasIt() throws IOException {
        Request sent = sent(
                "token_exchange: {style: on_behalf_of}",
                new TokenExchange(Secret.of("user token"), JWT, null, null, List.of(), Scopes.of(List.of("a", "b"))));

        assertThat(sent.params())
                .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                .containsEntry("assertion", "user token")
                .containsEntry("requested_token_use", "on_behalf_of")
                .containsEntry("scope", "a b")
                .containsKeys("client_id", "client_secret")
                .hasSize(6);
    }

    @Test
    void theAnswerIsItsAccessTokenAndTheTypeOfIt() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            TokenReply reply = await(Providers.at(server, "token_exchange: {}").exchangeToken(client(), exchange()));

            TokenResponse response = ((TokenReply.Granted) reply).response();
            assertThat(response.accessToken()).isEqualTo(Secret.of("at"));
            assertThat(response.refreshToken()).isNull();
            assertThat(response.expiresAt()).isEqualTo(Providers.NOW.plusSeconds(60));
            assertThat(response.issuedTokenType()).isEqualTo("x:y");
        }
    }

    @Test
    void whoCannotProveItselfAsksNothing() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            assertThat(await(Providers.at(server, "token_exchange: {}")
                            .exchangeToken(Providers.publicClient(), exchange())))
                    .isEqualTo(new TokenReply.Misconfigured("public_client", false));
            assertThat(await(Providers.at(server, "").exchangeToken(client(), exchange())))
                    .isEqualTo(new TokenReply.Misconfigured("unsupported_grant_type", false));
            assertThat(server.requests()).isEmpty();
        }
    }

    /** The requests that the answers of a provider are about: the user's token, or the client. */
    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant, Rejected",
        "400, interaction_required, Rejected",
        "400, invalid_target, Refused",
        "400, invalid_request, Misconfigured",
        "401, invalid_client, Misconfigured",
        "429, slow_down, Deferred",
        "500, server_error, Deferred"
    })
    void refusalsHaveTheirVerdicts(int status, String error, String verdict) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, "{\"error\":\"" + error + "\"}"))) {
            TokenReply reply = await(Providers.at(server, "token_exchange: {}").exchangeToken(client(), exchange()));

            assertThat(reply.getClass().getSimpleName()).isEqualTo(verdict);
        }
    }

    @Test
    void theAudienceOfAnAssertionIsTheIssuerOrWhatTheFileSays() {
        String yaml = "issuer: https://as.example/${client_id}\ntoken_exchange: {style: id_jag, identity_provider: y";

        assertThat(audience(yaml + "}")).startsWith("https://as.example/my");
        assertThat(audience(yaml + ", audience: 'urn:${client_id}'}")).isEqualTo("urn:my client");
    }

    @ParameterizedTest
    @CsvSource({
        "rfc8693, true, true, true",
        "on_behalf_of, false, false, true",
        "'rfc8693, omit: [resource], send_scope: false', true, false, false",
        "'id_jag, identity_provider: y, audience: x', false, true, true"
    })
    void theFileSaysWhatACallerMayAskFor(String style, boolean audience, boolean resource, boolean scope) {
        ExchangeCall call = Objects.requireNonNull(
                profile("token_exchange: {style: " + style + "}").tokenExchange());

        assertThat(Map.of(
                        "audience",
                        call.sends("audience"),
                        "resource",
                        call.sends("resource"),
                        "scope",
                        call.sends("scope")))
                .isEqualTo(Map.of("audience", audience, "resource", resource, "scope", scope));
    }

    private static String audience(String yaml) {
        return Providers.provider(profile(yaml), Duration.ofSeconds(1)).assertionAudience(client());
    }

    private static ProviderProfile profile(String yaml) {
        return Providers.over(Providers.ENDPOINTS + "\ntoken_exchange: {}\n", yaml);
    }

    private static TokenExchange exchange() {
        return new TokenExchange(
                Secret.of("user token"),
                JWT,
                null,
                "api",
                List.of("https://a.example", "https://b.example"),
                Scopes.of(List.of("a", "b")));
    }

    private static Request sent(String yaml) throws IOException {
        return sent(yaml, exchange());
    }

    private static Request sent(String yaml, TokenExchange exchange) throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(Providers.at(server, yaml.replace("%s", server.url())).exchangeToken(client(), exchange));
            return server.request();
        }
    }
}
