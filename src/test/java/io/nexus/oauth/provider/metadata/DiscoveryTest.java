package io.nexus.oauth.provider.metadata;

import static io.nexus.oauth.provider.Providers.NOW;
import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.client;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.ScriptedServer;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryTest {

    private static final String OPENID = "/realm/.well-known/openid-configuration";
    private static final String OAUTH = "/.well-known/oauth-authorization-server/realm";

    private final ScriptedServer server = new ScriptedServer();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final Discovery discovery = new Discovery(Providers.WIRE, new MetadataCache(now::get), Providers.RULE);

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void findsTheEndpoints() {
        server.at(OPENID, document(issuer(), ""))
                .at("/t", ScriptedServer.json(200, "{\"access_token\":\"a\"}"))
                .at("/r", ScriptedServer.reply(200, "", ""))
                .at("/u", ScriptedServer.json(200, "{\"sub\":\"1\"}"));

        assertThat(await(oidc().authorizationUrl(oidcClient(), Providers.request()))
                        .toString())
                .startsWith(server.url() + "/a?client_id=");
        assertThat(await(oidc().refreshToken(oidcClient(), credential()))).isInstanceOf(TokenReply.Granted.class);
        assertThat(await(oidc().revokeToken(oidcClient(), credential()))).isEqualTo(RevocationReply.REVOKED);
        assertThat(await(oidc().validateToken(oidcClient(), credential()))).isEqualTo(ValidationReply.VALID);
        assertThat(await(oidc().isIssuer(oidcClient(), issuer()))).isTrue();
        assertThat(await(oidc().isIssuer(oidcClient(), issuer() + "/"))).isFalse();
        assertThat(asked(OPENID)).isEqualTo(1);
    }

    @Test
    void readsCompressedAnswersOfEveryEndpoint() {
        String document = """
                {"issuer":"%1$s","token_endpoint":"%2$s/t","revocation_endpoint":"%2$s/r","userinfo_endpoint":"%2$s/u"}""".formatted(issuer(), server.url());
        server.at(OPENID, ScriptedServer.gzip(200, document))
                .at("/t", ScriptedServer.gzip(200, "{\"access_token\":\"a\"}"))
                .at("/r", ScriptedServer.gzip(400, "{\"error\":\"invalid_token\"}"))
                .at("/u", ScriptedServer.gzip(200, "{\"sub\":\"1\"}"));

        assertThat(await(oidc().refreshToken(oidcClient(), credential()))).isInstanceOf(TokenReply.Granted.class);
        assertThat(await(oidc().revokeToken(oidcClient(), credential()))).isEqualTo(RevocationReply.REVOKED);
        assertThat(Providers.identity(oidc(), oidcClient(), credential())).contains(new AccountIdentity("1", null));
        assertThat(server.requests())
                .allSatisfy(request -> assertThat(request.headers()).containsEntry("accept-encoding", "identity"));
    }

    @ParameterizedTest
    @CsvSource({
        "'[\"client_secret_post\"]', false",
        "'[\"client_secret_post\", \"client_secret_basic\"]', true",
        "'[\"private_key_jwt\"]', true",
        "'[]', true"
    })
    void advertisedMethodsChooseTheClientAuthentication(String methods, boolean basic) {
        server.at(OPENID, document(issuer(), ",\"token_endpoint_auth_methods_supported\":" + methods))
                .at("/t", ScriptedServer.json(200, "{\"access_token\":\"a\"}"));

        await(oidc().refreshToken(oidcClient(), credential()));

        assertThat(server.requests().getLast().headers().containsKey("authorization"))
                .isEqualTo(basic);
    }

    @Test
    void fallsBackToRfc8414() {
        server.at(OAUTH, document(issuer(), ""));

        assertThat(await(oidc().authorizationUrl(oidcClient(), Providers.request()))
                        .toString())
                .startsWith(server.url() + "/a?");
    }

    @Test
    void anotherIssuersMetadataIsRefused() {
        server.at(OPENID, document("https://evil.example", ""));

        assertThatThrownBy(() -> await(oidc().refreshToken(oidcClient(), credential())))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        failure -> assertThat(failure.code()).isEqualTo("issuer_mismatch"))
                .hasMessageNotContaining("evil");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://as.example/t", "ftp://as.example/t", "/t", "https://u:p@as.example/t"})
    void unsafeEndpointsAreRefused(String endpoint) {
        server.at(
                OPENID,
                ScriptedServer.json(
                        200, "{\"issuer\":\"%s\",\"token_endpoint\":\"%s\"}".formatted(issuer(), endpoint)));

        assertThatThrownBy(() -> await(oidc().refreshToken(oidcClient(), credential())))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("token_endpoint");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://as.example/u", "/userinfo", "", "https://u:p@as.example/u", "not a url"})
    void anUnusableOptionalEndpointIsLeftOut(String endpoint) {
        server.at(OPENID, ScriptedServer.json(200, """
                                {"issuer":"%1$s","token_endpoint":"%2$s/t","userinfo_endpoint":"%3$s",
                                 "revocation_endpoint":"%3$s","authorization_endpoint":"%3$s","jwks_uri":"%3$s"}""".formatted(issuer(), server.url(), endpoint)))
                .at("/t", ScriptedServer.json(200, "{\"access_token\":\"a\"}"));

        assertThat(await(oidc().refreshToken(oidcClient(), credential()))).isInstanceOf(TokenReply.Granted.class);
        assertThat(await(oidc().revokeToken(oidcClient(), credential()))).isEqualTo(RevocationReply.UNSUPPORTED);
        assertThat(await(oidc().validateToken(oidcClient(), credential()))).isEqualTo(ValidationReply.UNSUPPORTED);
        assertThat(await(oidc().account(oidcClient(), credential()))).isEmpty();
        assertThatThrownBy(() -> await(oidc().authorizationUrl(oidcClient(), Providers.request())))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("authorization endpoint");
    }

    @Test
    void aFinalSlashIsNamedWithBothValues() {
        server.at(OPENID, document(issuer() + "/", ""));

        assertThatThrownBy(() -> await(oidc().checkMetadata(oidcClient())))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("names the issuer " + issuer() + "/ and not " + issuer() + ";");
    }

    @Test
    void metadataIsCheckedWithTheVariablesOfAClient() {
        assertThatThrownBy(() -> await(oidc().checkMetadata(oidcClient())))
                .isInstanceOf(ProviderException.Unavailable.class);
        server.at(OPENID, document(issuer(), ""));
        now.set(NOW.plusSeconds(10));

        await(oidc().checkMetadata(oidcClient()));
        await(Providers.shipped("github").checkMetadata(client()));

        assertThat(asked(OPENID)).isEqualTo(2);
    }

    @Test
    void endpointThatIsNotAdvertisedIsMissing() {
        server.at(OPENID, ScriptedServer.json(200, "{\"issuer\":\"%s\"}".formatted(issuer())));

        assertThatThrownBy(() -> await(oidc().refreshToken(oidcClient(), credential())))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("token endpoint");
        assertThat(await(oidc().revokeToken(oidcClient(), credential()))).isEqualTo(RevocationReply.UNSUPPORTED);
        assertThat(await(oidc().account(oidcClient(), credential()))).isEmpty();
    }

    @Test
    void metadataThatIsNotThereHasACodeOfItsOwn() {
        assertThat(await(oidc().refreshToken(oidcClient(), credential())))
                .isEqualTo(new TokenReply.Deferred("metadata_not_found", Optional.of(Duration.ofSeconds(10)), true));
    }

    @Test
    void metadataThatCannotBeHadIsADelay() {
        server.at(OPENID, ScriptedServer.json(500, "{}"));

        assertThat(await(oidc().refreshToken(oidcClient(), credential())))
                .isEqualTo(new TokenReply.Deferred("discovery_failed", Optional.of(Duration.ofSeconds(10)), true));
        assertThat(await(oidc().revokeToken(oidcClient(), credential()))).isEqualTo(RevocationReply.UNKNOWN);
        assertThat(await(oidc().validateToken(oidcClient(), credential()))).isEqualTo(ValidationReply.UNKNOWN);
        assertThat(await(oidc().account(oidcClient(), credential()))).isEmpty();
        assertThatThrownBy(() -> await(oidc().authorizationUrl(oidcClient(), Providers.request())))
                .isInstanceOf(ProviderException.Unavailable.class);
        assertThat(asked(OPENID)).isEqualTo(1);
    }

    @Test
    void failureIsForgottenAfterTenSeconds() {
        await(oidc().refreshToken(oidcClient(), credential()));
        server.at(OPENID, document(issuer(), "")).at("/t", ScriptedServer.json(200, "{\"access_token\":\"a\"}"));

        now.set(NOW.plusSeconds(9));
        assertThat(await(oidc().refreshToken(oidcClient(), credential()))).isInstanceOf(TokenReply.Deferred.class);
        now.set(NOW.plusSeconds(10));
        assertThat(await(oidc().refreshToken(oidcClient(), credential()))).isInstanceOf(TokenReply.Granted.class);
    }

    @Test
    void metadataIsReadAgainAfterAnHour() {
        server.at(OPENID, document(issuer(), ""));

        await(oidc().authorizationUrl(oidcClient(), Providers.request()));
        now.set(NOW.plusSeconds(3599));
        await(oidc().authorizationUrl(oidcClient(), Providers.request()));
        assertThat(asked(OPENID)).isEqualTo(1);
        now.set(NOW.plusSeconds(3600));
        await(oidc().authorizationUrl(oidcClient(), Providers.request()));
        assertThat(asked(OPENID)).isEqualTo(2);
    }

    @Test
    void concurrentAskersShareOneRequest() {
        server.at(OPENID, document(issuer(), ""));

        Uni<?> both = Uni.join()
                .all(
                        oidc().authorizationUrl(oidcClient(), Providers.request()),
                        oidc().authorizationUrl(oidcClient(), Providers.request()),
                        oidc().authorizationUrl(oidcClient(), Providers.request()))
                .andFailFast();
        await(both);

        assertThat(asked(OPENID)).isEqualTo(1);
    }

    @Test
    void spendIsNotSentWhenDiscoveryTookItsTime() {
        ScriptedServer.Script document = document(issuer(), "");
        server.at(OPENID, socket -> {
                    LockSupport.parkNanos(Duration.ofMillis(400).toNanos());
                    document.answer(socket);
                })
                .at("/t", ScriptedServer.json(200, "{\"access_token\":\"a\"}"));
        OAuthProvider hasty =
                Providers.provider(Providers.shipped("oidc").profile(), Duration.ofMillis(200), discovery);

        assertThat(await(hasty.refreshToken(oidcClient(), credential()))).isInstanceOf(TokenReply.Deferred.class);
        assertThat(asked("/t")).isZero();
    }

    @Test
    void documentIsBounded() {
        server.at(OPENID, ScriptedServer.flood(257 * 1024));

        assertThat(await(oidc().refreshToken(oidcClient(), credential()))).isInstanceOf(TokenReply.Deferred.class);
    }

    private long asked(String path) {
        return server.requests().stream()
                .filter(request -> request.target().equals(path))
                .count();
    }

    private String issuer() {
        return server.url() + "/realm";
    }

    private ClientRegistration oidcClient() {
        return client(Map.of("issuer_url", issuer()));
    }

    private OAuthCredential credential() {
        return Providers.credential().withClient("my client", oidcClient().vars());
    }

    private OAuthProvider oidc() {
        return Providers.provider(Providers.shipped("oidc").profile(), Duration.ofSeconds(10), discovery);
    }

    private ScriptedServer.Script document(String issuer, String more) {
        return ScriptedServer.json(200, """
                {"issuer":"%1$s","authorization_endpoint":"%2$s/a","token_endpoint":"%2$s/t",
                 "revocation_endpoint":"%2$s/r","userinfo_endpoint":"%2$s/u"%3$s}""".formatted(issuer, server.url(), more));
    }
}
