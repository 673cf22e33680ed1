package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.code;
import static io.nexus.oauth.provider.Providers.credential;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.OAuthProvider.AuthorizationRequest;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.testing.PlainHttp.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.HmacKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How a client proves who it is, where its registration decides it. */
class ClientAuthenticationTest {

    private static final Script OK = ScriptedServer.json(200, "{\"access_token\":\"at-2\",\"refresh_token\":\"rt-2\"}");
    private static final Script REFUSED = ScriptedServer.json(401, "{\"error\":\"invalid_client\"}");
    private static final String REVOKE = "revoke: {style: rfc7009, url: \"%s/revoke\", auth: basic}\n";
    private static final String SECRET = "a secret of thirty-two characters";
    private static final ClientKey KEY = ClientKey.make(Algorithm.ES256);

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void anAssertionAuthenticatesEveryRequest(Algorithm algorithm) throws Exception {
        ClientKey key = ClientKey.make(algorithm);
        Set<String> ids = new HashSet<>();
        try (ScriptedServer server = new ScriptedServer(OK)) {
            OAuthProvider provider = Providers.at(server, REVOKE.formatted(server.url()));
            ClientRegistration client = keyed(key, null);
            await(provider.exchangeCode(client, code(), Map.of()));
            await(provider.refreshToken(client, credential()));
            await(provider.refreshToken(client, credential()));
            await(provider.revokeToken(client, credential()));

            assertThat(server.requests()).hasSize(4);
            for (Request request : server.requests()) {
                assertThat(request.params())
                        .containsEntry("client_id", "my client")
                        .containsEntry("client_assertion_type", ClientAssertions.TYPE)
                        .doesNotContainKey("client_secret");
                assertThat(request.headers()).doesNotContainKey("authorization");
                JwtClaims claims = verified(request, open(key), algorithm.name(), server.url() + "/token");
                assertThat(claims.getExpirationTime().getValue()
                                - claims.getIssuedAt().getValue())
                        .isBetween(1L, 60L);
                assertThat(ids.add(claims.getJwtId())).isTrue();
            }
        }
    }

    @Test
    void aSecretCanSignToo() throws Exception {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(Providers.at(server, "").refreshToken(secret(ClientAuth.CLIENT_SECRET_JWT, SECRET), credential()));

            assertThat(server.request().body()).doesNotContain("client_secret", "thirty");
            verified(
                    server.request(),
                    new HmacKey(SECRET.getBytes(StandardCharsets.UTF_8)),
                    "HS256",
                    server.url() + "/token");
        }
    }

    /** The names of RFC 7591 win over the profile, which says {@code post}. */
    @ParameterizedTest
    @CsvSource({
        "client_secret_basic, Basic bXkrY2xpZW50OnMlM0FlJTI2Y3JldA==",
        "client_secret_basic_raw, Basic bXkgY2xpZW50OnM6ZSZjcmV0",
        "client_secret_post,",
        "none,"
    })
    void theRegistrationChoosesTheMethod(String method, @Nullable String header) throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(Providers.at(server, "").refreshToken(secret(ClientAuth.of(method), "s:e&cret"), credential()));

            Request request = server.request();
            assertThat(request.headers().get("authorization")).isEqualTo(header);
            assertThat(request.params().containsKey("client_secret")).isEqualTo(method.equals("client_secret_post"));
        }
    }

    @Test
    void theIssuerIsTheAudienceWhereTheProfileNamesOne() throws Exception {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            server.at("/.well-known/openid-configuration", metadata(server, ""));
            String issuer = "issuer: {url: \"%s\"%s}\nauthorize: {}\ntoken: {auth: basic}\n";
            OAuthProvider usual = Providers.provider(
                    Providers.profile(issuer.formatted(server.url(), "")), java.time.Duration.ofSeconds(10));
            OAuthProvider other = Providers.provider(
                    Providers.profile(issuer.formatted(server.url(), ", assertion_audience: token_endpoint")),
                    java.time.Duration.ofSeconds(10));

            await(usual.refreshToken(keyed(KEY, null), credential()));
            await(usual.refreshToken(keyed(KEY, AssertionAudience.TOKEN_ENDPOINT), credential()));
            await(other.refreshToken(keyed(KEY, null), credential()));
            await(other.refreshToken(keyed(KEY, AssertionAudience.ISSUER), credential()));

            List<Request> sent = server.requests().stream()
                    .filter(each -> each.target().equals("/token"))
                    .toList();
            assertThat(sent).hasSize(4);
            verified(sent.get(0), open(KEY), "ES256", server.url());
            verified(sent.get(1), open(KEY), "ES256", server.url() + "/token");
            verified(sent.get(2), open(KEY), "ES256", server.url() + "/token");
            verified(sent.get(3), open(KEY), "ES256", server.url());
        }
    }

    @Test
    void theSecondKeyIsTriedOnce() throws Exception {
        ClientKey second = ClientKey.make(Algorithm.ES256);
        try (ScriptedServer server = new ScriptedServer(REFUSED, OK)) {
            ClientRegistration client = keyed(KEY, null);
            TokenReply reply = await(Providers.at(server, "")
                    .refreshToken(client.by(client.authentication().with(KEY, second)), credential()));

            assertThat(reply).isInstanceOf(TokenReply.Granted.class);
            assertThat(server.requests()).hasSize(2);
            verified(server.requests().get(0), open(KEY), "ES256", server.url() + "/token");
            verified(server.requests().get(1), open(second), "ES256", server.url() + "/token");
        }
    }

    @Test
    void aRefusedKeyIsARefusedClient() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(401, "", ""))) {
            assertThat(await(Providers.at(server, "").refreshToken(keyed(KEY, null), credential())))
                    .isInstanceOfSatisfying(
                            TokenReply.Misconfigured.class,
                            wrong -> assertThat(wrong.client()).isTrue());
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void nothingIsSentWithoutAKey() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            OAuthProvider provider = Providers.at(server, REVOKE.formatted(server.url()));
            Map<ClientRegistration, String> wrong = Map.of(
                    keyed(null, null), "client_key_missing",
                    secret(ClientAuth.CLIENT_SECRET_JWT, "too short"), "client_secret_too_short");
            wrong.forEach((client, code) -> {
                assertThatThrownBy(() -> await(provider.refreshToken(client, credential())))
                        .isInstanceOfSatisfying(
                                ProviderException.Misconfigured.class,
                                failure -> assertThat(failure.code()).isEqualTo(code));
                assertThatThrownBy(() -> await(provider.revokeToken(client, credential())))
                        .isInstanceOf(ProviderException.Misconfigured.class);
            });
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void anAssertionOfThePlatformIsSentAsItIs() throws IOException {
        Authentication platform =
                new Authentication(ClientAuth.PRIVATE_KEY_JWT, null, null, null, null, Secret.of("ey.of-the.platform"));
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(Providers.at(server, "").refreshToken(keyed(null, null).by(platform), credential()));

            assertThat(server.request().params())
                    .containsEntry("client_assertion", "ey.of-the.platform")
                    .containsEntry("client_assertion_type", ClientAssertions.TYPE);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "; ",
                "\"token_endpoint_auth_methods_supported\":[],; ",
                "\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"],; ",
                "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\",\"x\"],; unsupported_auth_method",
                "\"token_endpoint_auth_methods_supported\":[\"tls_client_auth\"],; unsupported_auth_method",
                "\"token_endpoint_auth_signing_alg_values_supported\":[\"RS256\"],; unsupported_signing_alg",
                "\"token_endpoint_auth_signing_alg_values_supported\":[\"ES256\"],; "
            })
    void theMetadataSaysWhatTheServerOffers(@Nullable String fields, @Nullable String code) throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            server.at("/.well-known/openid-configuration", metadata(server, fields == null ? "" : fields));
            OAuthProvider provider = Providers.provider(
                    Providers.profile("issuer: \"" + server.url() + "\"\nauthorize: {}\ntoken: {auth: basic}\n"),
                    java.time.Duration.ofSeconds(10));

            if (code == null) {
                await(provider.checkMetadata(keyed(KEY, null)));
            } else {
                assertThatThrownBy(() -> await(provider.checkMetadata(keyed(KEY, null))))
                        .isInstanceOfSatisfying(
                                ProviderException.Misconfigured.class,
                                failure -> assertThat(failure.code()).isEqualTo(code));
            }
            await(provider.checkMetadata(Providers.client()));
        }
    }

    /** RFC 8707 and RFC 9396 in a pushed authorization request, and the types that the metadata names. */
    @Test
    void whatIsAskedBesideScopesIsPushedAndCompared() throws IOException {
        String details = "[{\"type\":\"payment\"},{\"type\":\"account\"}]";
        AuthorizationRequest plain = Providers.request("a");
        AuthorizationRequest request = new AuthorizationRequest(
                plain.redirectUri(),
                plain.scopes(),
                null,
                new GrantRequest(List.of("urn:a", "urn:b"), details),
                plain.state(),
                plain.codeVerifier());
        try (ScriptedServer server = new ScriptedServer(OK)) {
            server.at("/par", ScriptedServer.json(201, "{\"request_uri\":\"urn:r\"}"));
            server.at(
                    "/.well-known/openid-configuration",
                    metadata(
                            server,
                            "\"pushed_authorization_request_endpoint\":\"" + server.url() + "/par\","
                                    + "\"require_pushed_authorization_requests\":true,"
                                    + "\"authorization_details_types_supported\":[\"payment\",\"account\"],"));
            OAuthProvider provider = Providers.provider(
                    Providers.profile("issuer: \"" + server.url() + "\"\nauthorize: {}\ntoken: {auth: basic}\n"),
                    java.time.Duration.ofSeconds(10));

            assertThat(await(provider.authorizationUrl(Providers.client(), request))
                            .toString())
                    .doesNotContain("resource", "authorization_details");
            assertThat(server.requests().getLast().body())
                    .contains("resource=urn%3Aa&resource=urn%3Ab", "authorization_details=%5B%7B");
            await(provider.checkDetails(Providers.client(), details));
            assertThatThrownBy(() -> await(
                            provider.checkDetails(Providers.client(), "[{\"type\":\"payment\"},{\"type\":\"other\"}]")))
                    .isInstanceOfSatisfying(
                            ProviderException.Misconfigured.class,
                            failure -> assertThat(failure.code()).isEqualTo("invalid_authorization_details"));
        }
    }

    private static Script metadata(ScriptedServer server, String fields) {
        return ScriptedServer.json(
                200,
                "{%2$s\"issuer\":\"%1$s\",\"authorization_endpoint\":\"%1$s/a\",\"token_endpoint\":\"%1$s/token\"}"
                        .formatted(server.url(), fields));
    }

    private static ClientRegistration keyed(@Nullable ClientKey key, @Nullable AssertionAudience audience) {
        return new ClientRegistration("x", "my client", null, Scopes.NONE, null, Map.of())
                .by(new Authentication(ClientAuth.PRIVATE_KEY_JWT, null, audience, key, null, null));
    }

    private static ClientRegistration secret(ClientAuth method, String secret) {
        return new ClientRegistration("x", "my client", Secret.of(secret), Scopes.NONE, null, Map.of())
                .by(new Authentication(method, null, null, null, null, null));
    }

    private static Key open(ClientKey key) throws Exception {
        return PublicJsonWebKey.Factory.newPublicJwk(key.publicJwk()).getPublicKey();
    }

    private static JwtClaims verified(Request request, Key key, String algorithm, String audience) throws Exception {
        return new JwtConsumerBuilder()
                .setVerificationKey(key)
                .setJwsAlgorithmConstraints(new AlgorithmConstraints(ConstraintType.PERMIT, algorithm))
                .setExpectedIssuer(true, "my client")
                .setExpectedSubject("my client")
                .setExpectedAudience(true, audience)
                .setEvaluationTime(NumericDate.fromSeconds(Providers.NOW.getEpochSecond()))
                .setRequireExpirationTime()
                .setRequireJwtId()
                .build()
                .processToClaims(request.params().get("client_assertion"));
    }
}
