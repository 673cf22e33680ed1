package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.client;
import static io.nexus.oauth.provider.Providers.publicClient;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.testing.PlainHttp.Request;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The token request of a machine connection (RFC 6749 section 4.4.2). */
class MachineRequestTest {

    private static final TokenRequest REQUEST = new TokenRequest(
            Scopes.of(List.of("read", "write")), "https://api.example/", List.of("https://a.example", "urn:b"));
    private static final TokenRequest PLAIN = new TokenRequest(Scopes.NONE, null, List.of());
    private static final Script OK =
            ScriptedServer.json(200, "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"expires_in\":60}");

    @Test
    void repeatsTheResourceAndIgnoresARefreshToken() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            TokenReply reply = await(Providers.at(server, "").requestToken(client(), REQUEST));

            assertThat(server.request().body())
                    .isEqualTo("grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fapi.example%2F"
                            + "&client_id=my+client&client_secret=s%3Ae%26cret"
                            + "&resource=https%3A%2F%2Fa.example&resource=urn%3Ab");
            assertThat(((TokenReply.Granted) reply).response().accessToken()).isEqualTo(Secret.of("at"));
            assertThat(((TokenReply.Granted) reply).response().refreshToken()).isNull();
        }
    }

    @Test
    void aProviderFileHasItsOwnSection() throws IOException {
        Request request = sent("""
                client_credentials:
                  url: "%s/machine"
                  auth: basic
                  grant: account_credentials
                  params: {account_id: "42"}
                  param_names: {audience: api, resource: apis}
                  headers: {X-Version: "2"}
                  send_scope: false
                """, REQUEST);

        assertThat(request.target()).isEqualTo("/machine");
        assertThat(request.headers()).containsKey("authorization").containsEntry("x-version", "2");
        assertThat(request.body())
                .isEqualTo("account_id=42&grant_type=account_credentials&api=https%3A%2F%2Fapi.example%2F"
                        + "&apis=https%3A%2F%2Fa.example&apis=urn%3Ab");
    }

    @Test
    void jsonHasTheResourcesAsAList() throws IOException {
        assertThat(sent("client_credentials: {body: json}", REQUEST).body())
                .isEqualTo("{\"grant_type\":\"client_credentials\",\"scope\":\"read write\","
                        + "\"audience\":\"https://api.example/\",\"client_id\":\"my client\",\"client_secret\":\"s:e&cret\","
                        + "\"resource\":[\"https://a.example\",\"urn:b\"]}");
    }

    @Test
    void sendsNoMoreThanWasAskedFor() throws IOException {
        assertThat(sent("", PLAIN).body())
                .isEqualTo("grant_type=client_credentials&client_id=my+client&client_secret=s%3Ae%26cret");
    }

    @Test
    void aPublicClientSendsNothing() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            assertThat(await(Providers.at(server, "").requestToken(publicClient(), PLAIN)))
                    .isEqualTo(new TokenReply.Misconfigured("public_client", false));
            assertThat(await(Providers.at(server, "client_credentials: {auth: none}")
                            .requestToken(client(), PLAIN)))
                    .isEqualTo(new TokenReply.Misconfigured("public_client", false));
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant, false",
        "400, invalid_target, false",
        "403, access_denied, false",
        "400, interaction_required, false",
        "401, invalid_client, true"
    })
    void eachRefusalIsForTheOperator(int status, String code, boolean ofTheClient) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, "{\"error\":\"" + code + "\"}"))) {
            assertThat(await(Providers.at(server, "refresh: {rotation: always}").requestToken(client(), PLAIN)))
                    .isEqualTo(new TokenReply.Misconfigured(code, ofTheClient));
        }
    }

    @Test
    void aServerErrorSpentNothing() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(500, ""))) {
            assertThat(await(Providers.at(server, "refresh: {rotation: always}").requestToken(client(), PLAIN)))
                    .isEqualTo(new TokenReply.Deferred("provider_error", Optional.empty(), false));
        }
    }

    private static Request sent(String yaml, TokenRequest request) throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(Providers.at(server, yaml.formatted(server.url())).requestToken(client(), request));
            return server.request();
        }
    }
}
