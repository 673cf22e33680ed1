package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.client;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.ClientKeyTest;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.testing.PlainHttp.Request;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The token request with an assertion (RFC 7523 section 2.1), and what a provider file changes in it. */
class BearerRequestTest {

    private static final ClientKey KEY = BroughtKey.parse(ClientKeyTest.pem("rsa"), null, "key-1", Providers.NOW)
            .key();
    private static final ClientKey SECOND = ClientKey.make(ClientKey.Algorithm.ES256);
    private static final Script OK = ScriptedServer.json(200, "{\"access_token\":\"at\",\"expires_in\":60}");

    @Test
    void theDefaultIsThatOfTheRfc() throws Exception {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            TokenReply reply = await(
                    Providers.at(server, "jwt_bearer: {}").requestToken(keyed(), request("robot@a.example", "a", "b")));

            Map<String, String> form = server.request().params();
            assertThat(form.keySet()).containsExactlyInAnyOrder("grant_type", "assertion", "scope");
            assertThat(form)
                    .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                    .containsEntry("scope", "a b");
            assertThat(server.request().headers()).doesNotContainKey("authorization");
            JsonWebSignature assertion = verified(form.get("assertion"), KEY);
            assertThat(assertion.getKeyIdHeaderValue()).isEqualTo("key-1");
            assertThat(claims(assertion))
                    .containsEntry("iss", "my client")
                    .containsEntry("sub", "robot@a.example")
                    .containsEntry("aud", server.url() + "/token")
                    .containsEntry("iat", Providers.NOW.getEpochSecond())
                    .containsEntry("exp", Providers.NOW.getEpochSecond() + 60)
                    .containsKey("jti")
                    .hasSize(6);
            assertThat(((TokenReply.Granted) reply).response().accessToken()).isEqualTo(Secret.of("at"));
        }
    }

    @Test
    void withoutASubjectAndScopesTheirClaimsAreLeftOut() throws Exception {
        Request sent = sent("jwt_bearer: {claims: {iss: '${client_id}', sub: '${subject}', scope: '${scope}'}}", null);

        assertThat(claims(verified(sent.params().get("assertion"), KEY)).keySet())
                .containsExactlyInAnyOrder("iss", "iat", "exp", "jti");
    }

    @Test
    void aProviderFileHasItsOwnSection() throws Exception {
        Request sent = sent("""
                jwt_bearer:
                  url: "%s/assert"
                  auth: post
                  body: json
                  headers: {X-For: "${subject}"}
                  param_names: {assertion: jwt}
                  send_scope: false
                  key_id: omitted
                  claims: {iss: "${client_id}", box_sub_type: user, scope: "${scope}", aud: as.example}
                  lifetime: 45s
                  leeway: 30s
                """, "1234", "x", "y");

        assertThat(sent.target()).isEqualTo("/assert");
        assertThat(sent.headers()).containsEntry("x-for", "1234");
        Map<String, Object> body = JsonUtil.parseJson(sent.body());
        assertThat(body.keySet()).containsExactlyInAnyOrder("grant_type", "jwt", "client_id", "client_secret");
        JsonWebSignature assertion = verified((String) body.get("jwt"), KEY);
        assertThat(assertion.getKeyIdHeaderValue()).isNull();
        assertThat(claims(assertion))
                .containsEntry("box_sub_type", "user")
                .containsEntry("scope", "x y")
                .containsEntry("aud", "as.example")
                .containsEntry("iat", Providers.NOW.getEpochSecond() - 30)
                .containsEntry("exp", Providers.NOW.getEpochSecond() + 45)
                .doesNotContainKey("sub");
    }

    /** As GitHub has it: no parameter of OAuth, and an answer of its own. */
    @Test
    void asABearerTokenItIsInTheHeader() throws Exception {
        String yaml = """
                jwt_bearer:
                  url: "%s/app/installations/${subject}/access_tokens"
                  style: bearer
                  body: json
                  key_id: omitted
                  subject: {pattern: "[0-9]{1,20}", required: true}
                  claims: {iss: "${client_id}"}
                response: {access_token: /token, expires_at: {at: /expires_at, format: iso8601}}
                """;
        Script created = ScriptedServer.json(
                201,
                "{\"token\":\"ghs_1\",\"expires_at\":\"2026-11-22T11:00:00Z\",\"permissions\":{\"issues\":\"write\"}}");
        try (ScriptedServer server = new ScriptedServer(created)) {
            OAuthProvider provider = Providers.at(server, yaml.formatted(server.url()));

            TokenReply reply = await(provider.requestToken(keyed(), request("4711", "ignored")));

            Request sent = server.request();
            assertThat(sent.target()).isEqualTo("/app/installations/4711/access_tokens");
            assertThat(sent.body()).isEqualTo("{}");
            String header = sent.headers().get("authorization");
            assertThat(header).startsWith("Bearer ");
            assertThat(claims(verified(header.substring(7), KEY)).keySet())
                    .containsExactlyInAnyOrder("iss", "iat", "exp", "jti");
            assertThat(((TokenReply.Granted) reply).response().accessToken()).isEqualTo(Secret.of("ghs_1"));
            assertThat(((TokenReply.Granted) reply).response().expiresAt())
                    .isEqualTo(Instant.parse("2026-11-22T11:00:00Z"));
        }
    }

    @Test
    void whatCannotBeAskedForIsNotSent() throws IOException {
        String bound = "jwt_bearer: {subject: {pattern: '[0-9]+', required: true}, algorithms: [RS256]}";
        try (ScriptedServer server = new ScriptedServer(OK)) {
            OAuthProvider provider = Providers.at(server, bound);
            for (String subject : new String[] {null, "../x", "1/2", "x"}) {
                assertThat(await(provider.requestToken(keyed(), request(subject))))
                        .isEqualTo(new TokenReply.Misconfigured("bad_variable", false));
            }
            assertThat(await(provider.requestToken(client(), request("1"))))
                    .isEqualTo(new TokenReply.Misconfigured("client_key_missing", false));
            assertThat(await(provider.requestToken(keyed(SECOND, null), request("1"))))
                    .isEqualTo(new TokenReply.Misconfigured("client_key_invalid", false));
            assertThat(await(Providers.at(server, "").requestToken(keyed(), request("1"))))
                    .isEqualTo(new TokenReply.Misconfigured("unsupported_grant_type", false));
            assertThat(server.requests()).isEmpty();
        }
    }

    /** RFC 7523 section 3.1: a wrong assertion is invalid_grant. So the second key is tried after any refusal. */
    @ParameterizedTest
    @CsvSource({"400, invalid_grant", "401, invalid_client", "400, no_valid_keys_or_signatures", "400, invalid_request"
    })
    void theSecondKeySignsWhenTheProviderRefusesTheFirst(int status, String code) throws Exception {
        Script refused = ScriptedServer.json(status, "{\"error\":\"" + code + "\"}");
        try (ScriptedServer server = new ScriptedServer(refused, OK)) {
            TokenReply reply =
                    await(Providers.at(server, "jwt_bearer: {}").requestToken(keyed(KEY, SECOND), request("1")));

            assertThat(reply).isInstanceOf(TokenReply.Granted.class);
            List<String> assertions = server.requests().stream()
                    .map(each -> each.params().get("assertion"))
                    .toList();
            assertThat(assertions).hasSize(2);
            verified(assertions.getFirst(), KEY);
            verified(assertions.getLast(), SECOND);
        }
    }

    @Test
    void eachRequestHasANewAssertion() throws Exception {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            OAuthProvider provider = Providers.at(server, "jwt_bearer: {}");
            for (int i = 0; i < 5; i++) {
                await(provider.requestToken(keyed(), request("1")));
            }
            Set<Object> ids = server.requests().stream()
                    .map(each -> unverified(each.params().get("assertion")).get("jti"))
                    .collect(Collectors.toSet());
            assertThat(ids).hasSize(5);
        }
    }

    /** There is no person to connect anything again. */
    @ParameterizedTest
    @CsvSource({
        "grant, 400, invalid_grant, false",
        "grant, 400, consent_required, false",
        "grant, 401, '', false",
        "bearer, 401, '', true",
        "bearer, 404, '', false"
    })
    void eachRefusalIsForTheOperator(String style, int status, String error, boolean ofTheClient) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(
                status, error.isEmpty() ? "{\"message\":\"no\"}" : "{\"error\":\"" + error + "\"}"))) {
            TokenReply reply = await(
                    Providers.at(server, "jwt_bearer: {style: " + style + "}").requestToken(keyed(), request("1")));

            assertThat(reply).isInstanceOfSatisfying(TokenReply.Misconfigured.class, wrong -> {
                assertThat(wrong.client()).isEqualTo(ofTheClient);
                assertThat(wrong.code()).isNotEmpty();
            });
        }
    }

    @Test
    void aServerErrorSpentNothing() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(500, ""))) {
            assertThat(await(Providers.at(server, "refresh: {rotation: always}\njwt_bearer: {}")
                            .requestToken(keyed(KEY, SECOND), request("1"))))
                    .isEqualTo(new TokenReply.Deferred("provider_error", Optional.empty(), false));
            assertThat(server.requests()).hasSize(1);
        }
    }

    /** It would open the circuit for the refreshes of people, which authenticate the same client. */
    @Test
    void aRefusedClientThatDidNotAuthenticateConcernsTheGrantOnly() throws IOException {
        Script refused = ScriptedServer.json(401, "{\"error\":\"invalid_client\"}");
        try (ScriptedServer server = new ScriptedServer(refused)) {
            assertThat(await(Providers.at(server, "jwt_bearer: {}").requestToken(keyed(), request("1"))))
                    .isEqualTo(new TokenReply.Misconfigured("invalid_client", false));
            assertThat(await(Providers.at(server, "jwt_bearer: {auth: post}").requestToken(keyed(), request("1"))))
                    .isEqualTo(new TokenReply.Misconfigured("invalid_client", true));
        }
    }

    @Test
    void theSecondSecretGoesWithTheAssertion() throws IOException {
        ClientRegistration client = new ClientRegistration(
                        "x", "my client", Secret.of("first"), Secret.of("second"), Scopes.NONE, null, Map.of())
                .by(Authentication.BY_PROFILE.with(KEY, null));
        Script refused = ScriptedServer.json(401, "{\"error\":\"invalid_client\"}");
        try (ScriptedServer server = new ScriptedServer(refused, OK)) {
            assertThat(await(Providers.at(server, "jwt_bearer: {auth: post}").requestToken(client, request("1"))))
                    .isInstanceOf(TokenReply.Granted.class);

            assertThat(server.requests().stream().map(each -> each.params().get("client_secret")))
                    .containsExactly("first", "second");
        }
    }

    @Test
    void aSubjectIsOfTheGrantAndBounded() {
        assertThatThrownBy(() -> new TokenRequest(GrantType.CLIENT_CREDENTIALS, Scopes.NONE, null, List.of(), "x"))
                .isInstanceOf(IllegalArgumentException.class);
        for (String subject : new String[] {"", "x".repeat(513), "a\nb", " a"}) {
            assertThatThrownBy(() -> request(subject)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static TokenRequest request(String subject, String... scopes) {
        return new TokenRequest(GrantType.JWT_BEARER, Scopes.of(List.of(scopes)), null, List.of(), subject);
    }

    private static ClientRegistration keyed() {
        return keyed(KEY, null);
    }

    private static ClientRegistration keyed(ClientKey first, ClientKey second) {
        return client().by(Authentication.BY_PROFILE.with(first, second));
    }

    private static Request sent(String yaml, String subject, String... scopes) throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            await(Providers.at(server, yaml.formatted(server.url())).requestToken(keyed(), request(subject, scopes)));
            return server.request();
        }
    }

    private static JsonWebSignature verified(String jwt, ClientKey key) throws Exception {
        JsonWebSignature signed = new JsonWebSignature();
        signed.setCompactSerialization(jwt);
        signed.setKey(PublicJsonWebKey.Factory.newPublicJwk(key.publicJwk()).getPublicKey());
        assertThat(signed.verifySignature()).isTrue();
        return signed;
    }

    private static Map<String, Object> claims(JsonWebSignature signed) throws Exception {
        return JsonUtil.parseJson(signed.getPayload());
    }

    private static Map<String, Object> unverified(String jwt) {
        try {
            JsonWebSignature signed = new JsonWebSignature();
            signed.setCompactSerialization(jwt);
            return JsonUtil.parseJson(signed.getUnverifiedPayload());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
