package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.credential;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.access.Keytool;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.OAuthProvider.AuthorizationRequest;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.RefreshTimerRule;
import io.nexus.oauth.provider.egress.AddressRule;
import io.nexus.oauth.provider.egress.Egress;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.TlsServer;
import io.nexus.oauth.provider.egress.TrustAnchors;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.metadata.MetadataCache;
import io.nexus.oauth.provider.oidc.NoOidcClients;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that show a certificate when they connect (RFC 8705), at servers that want one. */
class MutualTlsTest {

    private static final String NAMES = "dns:localhost,ip:127.0.0.1";
    private static final String GRANTED = "{\"access_token\":\"at-2\",\"refresh_token\":\"rt-2\",\"expires_in\":3600}";

    @TempDir
    Path directory;

    private Instant now = Instant.now();

    @ParameterizedTest
    @EnumSource(
            value = ClientAuth.class,
            names = {"TLS_CLIENT_AUTH", "SELF_SIGNED_TLS_CLIENT_AUTH"})
    void theCertificateIsShownAtEachRequest(ClientAuth method) throws Exception {
        ClientKey key = key("a");
        try (TlsServer server = server("server", "a")) {
            OAuthProvider provider = provider(server, server.certificate());
            ClientRegistration client = client(method, key, null);

            assertThat(await(provider.exchangeCode(client, Providers.code(), Map.of())))
                    .isInstanceOf(TokenReply.Granted.class);
            assertThat(await(provider.refreshToken(client, credential()))).isInstanceOf(TokenReply.Granted.class);
            assertThat(await(provider.revokeToken(client, credential()))).isEqualTo(RevocationReply.REVOKED);

            assertThat(server.requests()).containsExactly("POST /token", "POST /token", "POST /revoke");
            assertThat(server.subjects()).hasSize(3).containsOnly("CN=a");
            assertThat(server.bodies())
                    .hasSize(3)
                    .allSatisfy(body ->
                            assertThat(body).contains("client_id=mine").doesNotContain("secret", "client_assertion"));
            assertThat(server.authorizations()).containsOnly("null");
        }
    }

    /** RFC 8705 section 5: the metadata has other addresses for clients with a certificate. */
    @Test
    void theAliasesOfTheMetadataAreUsed() throws Exception {
        try (TlsServer plain = new TlsServer(directory.resolve("plain"), NAMES);
                TlsServer mutual = server("mutual", "a")) {
            plain.answer("/.well-known/openid-configuration", """
                    {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token",
                     "revocation_endpoint":"%1$s/revoke","pushed_authorization_request_endpoint":"%1$s/par",
                     "require_pushed_authorization_requests":true,
                     "mtls_endpoint_aliases":{"token_endpoint":"%2$s/token","revocation_endpoint":"%2$s/revoke",
                        "pushed_authorization_request_endpoint":"%2$s/par"}}
                    """.formatted(url(plain), url(mutual)));
            for (TlsServer each : List.of(plain, mutual)) {
                each.answer("/token", GRANTED);
                each.answer("/par", "{\"request_uri\":\"urn:a\"}");
            }
            OAuthProvider provider = provider(
                    Providers.profile("issuer: \"" + url(plain) + "\"\nauthorize: {}\ntoken: {auth: basic}\n"
                            + "revoke: {style: rfc7009, auth: basic}\n"),
                    plain.certificate(),
                    mutual.certificate());
            ClientRegistration client = client(ClientAuth.TLS_CLIENT_AUTH, key("a"), null);

            assertThat(await(provider.authorizationUrl(client, request())).toString())
                    .startsWith(url(plain) + "/authorize")
                    .contains("request_uri=urn%3Aa");
            await(provider.refreshToken(client, credential()));
            await(provider.revokeToken(client, credential()));
            assertThat(mutual.requests()).containsExactly("POST /par", "POST /token", "POST /revoke");
            assertThat(plain.requests()).containsOnly("GET /.well-known/openid-configuration");

            await(provider.refreshToken(Providers.client(), credential()));
            assertThat(plain.requests()).contains("POST /token");
        }
    }

    /** In TLS 1.3 the refusal comes after the client has sent its request, which the server has not read. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRefusedCertificateIsARefusedClientAndTheSecondOneIsTried(String version) throws Exception {
        ClientKey stranger = key("stranger");
        try (TlsServer server = server("server", "a")) {
            server.speaking(version);
            OAuthProvider provider = provider(server, server.certificate());

            assertThat(await(provider.refreshToken(client(ClientAuth.TLS_CLIENT_AUTH, stranger, null), credential())))
                    .isEqualTo(new TokenReply.Misconfigured("client_certificate_refused", true));
            assertThat(server.requests()).isEmpty();

            ClientRegistration client = client(ClientAuth.TLS_CLIENT_AUTH, stranger, key("a"));
            assertThat(await(provider.refreshToken(client, credential()))).isInstanceOf(TokenReply.Granted.class);
            assertThat(await(provider.revokeToken(client, credential()))).isEqualTo(RevocationReply.REVOKED);
            assertThat(server.subjects()).containsOnly("CN=a");
        }
    }

    /** The server is always checked: its authority, and its name. */
    @Test
    void anUnknownServerGetsNothing() throws Exception {
        Path other = Keytool.key(directory.resolve("other"), "server", "CN=provider", "san=" + NAMES);
        try (TlsServer server = server("server", "a");
                TlsServer named = server("named", "dns:another.example", "a")) {
            ClientRegistration client = client(ClientAuth.TLS_CLIENT_AUTH, key("a"), null);

            assertThat(await(provider(server, other).refreshToken(client, credential())))
                    .isInstanceOf(TokenReply.Deferred.class);
            assertThat(await(provider(named, named.certificate()).refreshToken(client, credential())))
                    .isInstanceOf(TokenReply.Deferred.class);
            assertThat(server.subjects()).isEmpty();
            assertThat(named.subjects()).isEmpty();
        }
    }

    @Test
    void nothingIsSentWithoutACertificateThatIsValidOrWithoutTls() throws Exception {
        ClientKey key = key("a");
        ClientKey bare = ClientKey.make(ClientKey.Algorithm.ES256);
        try (TlsServer server = server("server", "a");
                ScriptedServer http = new ScriptedServer(ScriptedServer.json(200, GRANTED))) {
            OAuthProvider provider = provider(server, server.certificate());
            refused(provider, client(ClientAuth.TLS_CLIENT_AUTH, null, null), "client_key_missing");
            refused(provider, client(ClientAuth.TLS_CLIENT_AUTH, bare, null), "client_key_missing");
            refused(
                    Providers.at(http, ""),
                    client(ClientAuth.TLS_CLIENT_AUTH, key, null),
                    "client_certificate_needs_https");
            now = now.plus(Duration.ofDays(3));
            refused(provider, client(ClientAuth.TLS_CLIENT_AUTH, key, null), "client_certificate_expired");

            assertThat(server.requests()).isEmpty();
            assertThat(http.requests()).isEmpty();
        }
    }

    /** The clients of two tenants have the same client id, and their requests alternate. */
    @Test
    void twoTenantsShowTheirOwnCertificates() throws Exception {
        ClientKey first = key("a");
        ClientKey second = key("b");
        try (TlsServer server = server("server", "a", "b")) {
            OAuthProvider provider = provider(server, server.certificate());
            for (int i = 0; i < 3; i++) {
                await(provider.refreshToken(client(ClientAuth.TLS_CLIENT_AUTH, first, null), credential()));
                await(provider.refreshToken(
                        client(ClientAuth.TLS_CLIENT_AUTH, second, null).ownedBy(new TenantId("other")), credential()));
            }

            assertThat(server.subjects()).containsExactly("CN=a", "CN=b", "CN=a", "CN=b", "CN=a", "CN=b");
        }
    }

    private static void refused(OAuthProvider provider, ClientRegistration client, String code) {
        assertThatThrownBy(() -> await(provider.refreshToken(client, credential())))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private static AuthorizationRequest request() {
        return new AuthorizationRequest(
                "https://service.example/callback",
                Scopes.parse("a"),
                null,
                GrantRequest.NONE,
                Secret.of("state"),
                Secret.of("verifier"));
    }

    private ClientKey key(String name) throws Exception {
        Path pem = directory.resolve(name + ".both");
        if (!Files.exists(pem)) {
            Files.writeString(pem, Keytool.pem(directory, name, "CN=" + name));
        }
        return BroughtKey.parse(Files.readString(pem), null, null, Instant.now())
                .key();
    }

    private static ClientRegistration client(ClientAuth method, @Nullable ClientKey key, @Nullable ClientKey second) {
        return new ClientRegistration("x", "mine", Secret.of("unused"), Scopes.NONE, null, Map.of())
                .by(new Authentication(method, null, null, key, second, null));
    }

    /** A server that wants the certificate of one of {@code clients}. */
    private TlsServer server(String name, String... clients) throws Exception {
        boolean isNamed = clients[0].startsWith("dns:");
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (String client : isNamed ? List.of(clients).subList(1, clients.length) : List.of(clients)) {
            key(client);
            try (InputStream in = Files.newInputStream(directory.resolve(client + ".pem"))) {
                trusted.setCertificateEntry(
                        client, CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
        }
        TlsServer server = new TlsServer(directory.resolve(name), isNamed ? clients[0] : NAMES, trusted);
        server.answer("/token", GRANTED);
        return server;
    }

    private static String url(TlsServer server) {
        return "https://localhost:" + server.port();
    }

    private OAuthProvider provider(TlsServer server, Path... trusted) throws Exception {
        return provider(
                Providers.profile(("authorize: {url: \"%1$s/authorize\"}\ntoken: {url: \"%1$s/token\", auth: post}\n"
                                + "revoke: {style: rfc7009, url: \"%1$s/revoke\", auth: post}\n")
                        .formatted(url(server))),
                trusted);
    }

    private OAuthProvider provider(ProviderProfile profile, Path... trusted) throws Exception {
        Path anchors = directory.resolve("anchors.pem");
        Files.writeString(
                anchors,
                String.join("\n", Stream.of(trusted).map(MutualTlsTest::text).toList()));
        InstantSource clock = () -> now;
        HttpExchange wire = new HttpExchange(
                Providers.VERTX,
                new Egress(Providers.VERTX, new AddressRule(true, List.of())),
                TrustAnchors.with(anchors));
        Endpoints endpoints = new Endpoints(
                profile,
                new Discovery(wire, new MetadataCache(clock), Providers.RULE),
                Providers.RULE,
                new ClientAssertions(Providers.VERTX, clock),
                clock);
        return new DeclarativeProvider(
                profile,
                RefreshTimerRule.timers(profile.refresh()),
                endpoints,
                new AuthorizationEndpoint(profile, endpoints, wire, clock),
                new TokenEndpoint(profile, endpoints, wire, clock, Duration.ofSeconds(10)),
                new RevocationEndpoint(profile, endpoints, wire),
                new IdentityEndpoint(profile, endpoints, wire),
                NoOidcClients.tokens());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
