package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.access.Keytool;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.catalogue.ProvidersConfig;
import io.nexus.oauth.provider.egress.ConnectProxy;
import io.nexus.oauth.provider.egress.Proxies;
import io.nexus.oauth.provider.egress.TlsServer;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.oidc.NoOidcClients;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.nexus.oauth.testing.LocalPorts;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
        String list = String.join(",", "other.example", String.join(",", noProxy));
        return catalogue(certificate, proxyPort, Optional.empty(), Optional.empty(), list)
                .get("oidc");
    }

    private static ProviderCatalogue catalogue(
            Path certificate, int proxyPort, Optional<Path> file, Optional<String> privateHosts, String noProxy) {
        Map<String, String> settings = new HashMap<>(Map.of("ca-file", certificate.toString()));
        file.ifPresent(path -> settings.put("files", path.toString()));
        privateHosts.ifPresent(hosts -> settings.put("private-hosts", hosts));
        SmallRyeConfigBuilder config =
                new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(ProvidersConfig.class);
        settings.forEach((key, value) -> config.withDefaultValue("nexus.oauth.providers." + key, value));
        return new ProviderCatalogue(
                config.build().getConfigMapping(ProvidersConfig.class),
                "production",
                Providers.VERTX,
                Providers.CLOCK,
                (provider, endpoint, outcome, took) -> {},
                Proxies.with(Providers.VERTX, Map.of("url", "http://127.0.0.1:" + proxyPort, "no-proxy", noProxy)),
                NoOidcClients.tokens());
    }

    /** The proxy carries the bytes of TLS, so the certificate reaches the server and not the proxy. */
    @Test
    void aCertificateIsShownThroughTheProxy() throws Exception {
        String pem = Keytool.pem(directory, "client", "CN=client");
        KeyStore clients = KeyStore.getInstance("PKCS12");
        clients.load(null, null);
        try (InputStream in = Files.newInputStream(directory.resolve("client.pem"))) {
            clients.setCertificateEntry(
                    "client", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        ClientRegistration client = client().by(new Authentication(
                ClientAuth.TLS_CLIENT_AUTH,
                null,
                null,
                BroughtKey.parse(pem, null, null, Instant.now()).key(),
                null,
                null));
        OAuthCredential credential = Providers.credential().withClient("my client", client().vars());
        try (TlsServer plain = new TlsServer(directory.resolve("plain"), "dns:" + HOST);
                TlsServer mutual = new TlsServer(directory.resolve("mutual"), "dns:mutual." + HOST, clients);
                ConnectProxy proxy = new ConnectProxy(host -> host.equals(HOST) ? plain.port() : mutual.port())) {
            plain.answer("/.well-known/openid-configuration", """
                    {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token",
                     "mtls_endpoint_aliases":{"token_endpoint":"https://mutual.%2$s/token"}}
                    """.formatted(ISSUER, HOST));
            mutual.answer("/token", "{\"access_token\":\"at-2\",\"refresh_token\":\"rt-2\",\"expires_in\":3600}");
            Path anchors = directory.resolve("anchors.pem");
            Files.writeString(anchors, Files.readString(plain.certificate()) + Files.readString(mutual.certificate()));

            assertThat(await(provider(anchors, proxy.port()).refreshToken(client, credential)))
                    .isInstanceOf(TokenReply.Granted.class);

            assertThat(mutual.subjects()).containsExactly("CN=client");
        }
    }

    private static ClientRegistration client() {
        return client("oidc", ISSUER);
    }

    private static ClientRegistration client(String provider, String issuer) {
        return new ClientRegistration(
                        provider, "my client", Secret.of("s3cret"), Scopes.NONE, null, Map.of("issuer_url", issuer))
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
            assertThat(Providers.identity(provider, client(), credential))
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

    /** A host in the network of the operator: nobody resolves its name but the proxy. */
    @Test
    void eachProviderHasPrivateHostsOfItsOwn() throws Exception {
        Path file = Files.writeString(directory.resolve("mine.yaml"), """
                providers:
                  mine: {extends: oidc, private_hosts: [login.internal]}
                  none: {extends: oidc, private_hosts: []}
                """);
        try (TlsServer server = new TlsServer(directory, "dns:login.internal");
                ConnectProxy proxy = new ConnectProxy(server.port())) {
            server.answer(
                    "/.well-known/openid-configuration",
                    "{\"issuer\":\"https://login.internal\",\"token_endpoint\":\"https://login.internal/token\"}");

            assertThat(reaches(file, Optional.empty(), server, proxy)).containsExactly("mine");
            assertThat(reaches(file, Optional.of(".internal"), server, proxy))
                    .containsExactlyInAnyOrder("mine", "oidc");
        }
    }

    /** The providers that send a request to the private host. */
    private static List<String> reaches(Path file, Optional<String> everywhere, TlsServer server, ConnectProxy proxy) {
        ProviderCatalogue catalogue =
                catalogue(server.certificate(), proxy.port(), Optional.of(file), everywhere, "other.example");
        return Stream.of("mine", "oidc", "none")
                .filter(id -> {
                    try {
                        await(catalogue.get(id).checkMetadata(client(id, "https://login.internal")));
                        return true;
                    } catch (ProviderException.Unavailable e) {
                        return false;
                    }
                })
                .toList();
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
