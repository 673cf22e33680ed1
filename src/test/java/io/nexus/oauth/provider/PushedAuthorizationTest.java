package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.reply.ProviderException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pushed authorization requests (RFC 9126). */
class PushedAuthorizationTest {

    private static final String OPENID = "/realm/.well-known/openid-configuration";
    private static final String REQUIRED = ",\"require_pushed_authorization_requests\":true";
    private static final String REFERENCE = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";

    private final ScriptedServer server = new ScriptedServer();

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void theBrowserBringsAReferenceWhereTheMetadataDemandsIt() {
        server.at(OPENID, metadata(REQUIRED)).at("/par", pushed());

        String url = url("", client());

        assertThat(url)
                .isEqualTo(server.url() + "/a?client_id=my+client&request_uri="
                        + "urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c");
        var sent = server.requests().getLast();
        assertThat(sent.method()).isEqualTo("POST");
        assertThat(sent.headers().get("authorization")).startsWith("Basic ");
        assertThat(sent.headers()).containsEntry("content-type", "application/x-www-form-urlencoded");
        assertThat(sent.params())
                .containsEntry("client_id", "my client")
                .containsEntry("redirect_uri", "https://us.example/cb?a=b")
                .containsEntry("response_type", "code")
                .containsEntry("scope", "a b offline_access")
                .containsEntry("state", "state-1")
                .containsEntry("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
                .containsEntry("code_challenge_method", "S256")
                .doesNotContainKeys("request_uri", "client_secret");
    }

    @Test
    void nothingIsPushedWhereTheMetadataOnlyOffersIt() {
        server.at(OPENID, metadata("")).at("/par", pushed());

        assertThat(url("", client())).contains("&code_challenge=").doesNotContain("request_uri=");
        assertThat(asked("/par")).isZero();
    }

    /** Keycloak, for example, demands it of single clients, which its metadata cannot say. */
    @Test
    void theProviderFileCanDemandIt() {
        server.at(OPENID, metadata("")).at("/par", pushed());

        assertThat(url("authorize: {pushed: true}", client())).endsWith("14ltc14eY22c");
        assertThat(asked("/par")).isEqualTo(1);
    }

    @Test
    void theSecondSecretIsTriedAndASecretInTheBodyIsSentThere() {
        server.at(OPENID, metadata(REQUIRED + ",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]"))
                .at("/par", ScriptedServer.json(401, "{\"error\":\"invalid_client\"}"));
        ClientRegistration client = new ClientRegistration(
                "x", "my client", Secret.of("first"), Secret.of("second"), Scopes.NONE, null, vars());

        assertThatThrownBy(() -> url("", client))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        failure -> assertThat(failure.code()).isEqualTo("invalid_client"));

        assertThat(server.requests().stream()
                        .filter(request -> request.path().equals("/par"))
                        .map(request -> request.params().get("client_secret")))
                .containsExactly("first", "second");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | {"error":"invalid_request","error_description":"secret words"} | Misconfigured | invalid_request
            400 | {"error":"unauthorized_client"}                                | Misconfigured | unauthorized_client
            400 | {"error":"invalid_scope"}                                      | Misconfigured | invalid_scope
            401 | {"error":"invalid_client"}                                     | Misconfigured | invalid_client
            404 | <html>                                                         | Misconfigured | endpoint_not_found
            429 | {}                                                             | Unavailable   | rate_limited
            503 | {"error":"temporarily_unavailable"}                             | Unavailable   | temporarily_unavailable
            500 | {}                                                             | Unavailable   | provider_error
            201 | {"expires_in":60}                                              | Unavailable   | unreadable_reply
            201 | <html>                                                         | Unavailable   | unreadable_reply
            """)
    void aRefusalHasACodeAndWordsOfOurs(int status, String body, String kind, String code) {
        server.at(OPENID, metadata(REQUIRED)).at("/par", ScriptedServer.json(status, body));

        assertThatThrownBy(() -> url("", client())).isInstanceOfSatisfying(ProviderException.class, failure -> {
            assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
            assertThat(failure.code()).isEqualTo(code);
            assertThat(failure).hasMessageNotContaining("secret words");
        });
    }

    /** It becomes a part of an address. */
    @Test
    void aReferenceHasABound() {
        server.at(OPENID, metadata(REQUIRED))
                .at("/par", ScriptedServer.json(201, "{\"request_uri\":\"urn:%s\"}".formatted("x".repeat(2045))));

        assertThatThrownBy(() -> url("", client())).isInstanceOf(ProviderException.Unavailable.class);
    }

    @Test
    void aProviderThatDoesNotAnswerIsUnavailable() {
        server.at(OPENID, metadata(REQUIRED)).at("/par", ScriptedServer.reset());

        assertThatThrownBy(() -> url("", client())).isInstanceOf(ProviderException.Unavailable.class);
    }

    @ParameterizedTest
    @CsvSource({"''", "http://169.254.169.254/par"})
    void aDemandWithoutAUsableEndpointIsToldToTheOperator(String endpoint) {
        server.at(OPENID, ScriptedServer.json(200, """
                        {"issuer":"%1$s/realm","authorization_endpoint":"%1$s/a","token_endpoint":"%1$s/t",
                         "pushed_authorization_request_endpoint":"%2$s","require_pushed_authorization_requests":true}""".formatted(server.url(), endpoint)));

        assertThatThrownBy(() -> url("", client()))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("names no usable endpoint for the pushed authorization requests");
    }

    private String url(String yaml, ClientRegistration client) {
        OAuthProvider provider = Providers.provider(
                Providers.profile("""
                        vars: {issuer_url: {pattern: "https?://.+"}}
                        issuer: ${issuer_url}
                        token: {auth: discovered}
                        %s
                        """.formatted(yaml.isEmpty() ? "authorize: {base_scopes: [offline_access]}" : yaml)),
                Duration.ofSeconds(10));
        return await(provider.authorizationUrl(client, request("a", "b"))).toString();
    }

    private ClientRegistration client() {
        return Providers.client(vars());
    }

    private Map<String, String> vars() {
        return Map.of("issuer_url", server.url() + "/realm");
    }

    private long asked(String path) {
        return server.requests().stream()
                .filter(request -> request.path().equals(path))
                .count();
    }

    private static ScriptedServer.Script pushed() {
        return ScriptedServer.json(201, "{\"request_uri\":\"%s\",\"expires_in\":60}".formatted(REFERENCE));
    }

    private ScriptedServer.Script metadata(String more) {
        return ScriptedServer.json(200, """
                {"issuer":"%1$s/realm","authorization_endpoint":"%1$s/a","token_endpoint":"%1$s/t",
                 "pushed_authorization_request_endpoint":"%1$s/par"%2$s}""".formatted(server.url(), more));
    }
}
