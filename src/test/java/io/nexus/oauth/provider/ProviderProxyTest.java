package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.egress.ConnectProxy;
import io.nexus.oauth.provider.egress.Proxies;
import io.nexus.oauth.provider.egress.TlsServer;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.nexus.oauth.testing.LocalPorts;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All requests to a provider, through a forward proxy, with the settings of production. */
class ProviderProxyTest {

    private static final String HOST = "login.unresolved.example";
    private static final String ISSUER = "https://" + HOST;

    @TempDir
    Path directory;

    private static OAuthProvider provider(Path certificate, int proxyPort, String... noProxy) {
        ProvidersConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(ProvidersConfig.class)
                .withDefaultValue("nexus.oauth.providers.ca-file", certificate.toString())
                .build()
                .getConfigMapping(ProvidersConfig.class);
        return new ProviderCatalogue(
                        config,
                        "production",
                        Providers.VERTX,
                        Providers.CLOCK,
                        (provider, endpoint, outcome, took) -> {},
                        Proxies.with(
                                Providers.VERTX,
                                Map.of(
                                        "url",
                                        "http://127.0.0.1:" + proxyPort,
                                        "no-proxy",
                                        String.join(",", "other.example", String.join(",", noProxy)))))
                .get("oidc");
    }

    private static ClientRegistration client() {
        return new ClientRegistration(
                        "oidc",
                        "my client",
                        Secret.of("s3cret"),
                        io.nexus.oauth.credential.Scopes.NONE,
                        null,
                        Map.of("issuer_url", ISSUER))
                .ownedBy(TenantId.DEFAULT);
    }

    @Test
    void everyRequestGoesThroughTheProxy() throws Exception {
        RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        JsonWebSignature userinfo = new JsonWebSignature();
        userinfo.setPayload("{\"sub\":\"42\",\"email\":\"a@b\"}");
        userinfo.setKey(key.getPrivateKey());
        userinfo.setAlgorithmHeaderValue("RS256");
        OAuthCredential credential = Providers.credential().withClient("my client", client().vars());
        try (TlsServer server = new TlsServer(directory, "dns:" + HOST);
                ConnectProxy proxy = new ConnectProxy(server.port())) {
            server.answer("/.well-known/openid-configuration", """
                    {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token",
                     "userinfo_endpoint":"%1$s/userinfo","jwks_uri":"%1$s/keys","revocation_endpoint":"%1$s/revoke"}
                    """.formatted(ISSUER));
            server.answer("/keys", new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY));
            server.answer("/userinfo", userinfo.getCompactSerialization());
            server.answer("/token", "{\"access_token\":\"at-2\",\"refresh_token\":\"rt-2\",\"expires_in\":3600}");
            OAuthProvider provider = provider(server.certificate(), proxy.port());

            await(provider.checkMetadata(client()));
            assertThat(await(provider.exchangeCode(client(), Providers.code(), Map.of())))
                    .isInstanceOf(TokenReply.Granted.class);
            assertThat(await(provider.refreshToken(client(), credential))).isInstanceOf(TokenReply.Granted.class);
            assertThat(await(provider.identity(client(), credential)))
                    .isEqualTo(Optional.of(new AccountIdentity("42", "a@b")));
            assertThat(await(provider.validateToken(client(), credential))).isEqualTo(ValidationReply.VALID);
            assertThat(await(provider.revokeToken(client(), credential))).isEqualTo(RevocationReply.REVOKED);

            assertThat(server.requests())
                    .containsExactly(
                            "GET /.well-known/openid-configuration",
                            "POST /token",
                            "POST /token",
                            "GET /userinfo",
                            "GET /keys",
                            "GET /userinfo",
                            "POST /revoke");
            assertThat(proxy.targets()).hasSameSizeAs(server.requests()).containsOnly(HOST + ":443");
        }
    }

    /** Nothing was sent, so nothing can be spent: the codes say whose fault it is, and no grant waits for its quarantine. */
    @Test
    void aFailureOfTheProxyIsNoneOfTheProvider() throws Exception {
        OAuthCredential credential = Providers.credential().withClient("my client", client().vars());
        try (TlsServer server = new TlsServer(directory, "dns:" + HOST)) {
            OAuthProvider provider = provider(server.certificate(), LocalPorts.free());

            TokenReply unreachable = await(provider.refreshToken(client(), credential));
            assertThat(unreachable)
                    .isEqualTo(new TokenReply.Deferred("proxy_unreachable", Optional.of(Duration.ofSeconds(10)), true));
            assertThatThrownBy(() -> await(provider.checkMetadata(client())))
                    .isInstanceOfSatisfying(
                            ProviderException.Unavailable.class,
                            failure -> assertThat(failure.code()).isEqualTo("proxy_unreachable"));
            assertThat(await(provider.revokeToken(client(), credential))).isEqualTo(RevocationReply.UNKNOWN);
            for (String host : List.of(HOST, ".unresolved.example", "*")) {
                assertThatThrownBy(() -> await(provider(server.certificate(), LocalPorts.free(), host)
                                .checkMetadata(client())))
                        .isInstanceOfSatisfying(
                                ProviderException.Unavailable.class,
                                failure -> assertThat(failure.code())
                                        .as("without the proxy nobody resolves the name")
                                        .isEqualTo("discovery_failed"));
            }
        }
    }
}
