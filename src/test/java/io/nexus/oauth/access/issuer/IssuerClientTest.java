package io.nexus.oauth.access.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.access.Keytool;
import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.provider.egress.ConnectProxy;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.nexus.oauth.provider.egress.Proxies;
import io.nexus.oauth.provider.egress.TlsServer;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the keys of an issuer are got from: the ways of a Kubernetes API server, too. */
class IssuerClientTest {

    private final Vertx vertx = Vertx.vertx();
    private final TestIssuer issuer = new TestIssuer();

    @TempDir
    Path directory;

    @AfterEach
    void close() throws Exception {
        issuer.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aFileGivesTheKeysAndIsReadEachTime() throws Exception {
        Path file = Files.writeString(directory.resolve("keys.json"), issuer.keySet());
        IssuerClient fetch = fetch(Map.of("jwks-file", file.toString()));
        assertThat(keys(fetch)).isEqualTo(issuer.keySet());

        issuer.rotate(TestIssuer.ec());
        Files.writeString(file, issuer.keySet());

        assertThat(keys(fetch)).isEqualTo(issuer.keySet());
        Files.delete(file);
        assertUnavailable(fetch, "the file cannot be read");
    }

    @Test
    void ourTokenIsReadForEachFetch() throws Exception {
        issuer.demand("first");
        Path token = Files.writeString(directory.resolve("token"), "first\n");
        IssuerClient fetch = fetch(Map.of("jwks-url", issuer.keysUrl(), "token-file", token.toString()));
        assertThat(keys(fetch)).isEqualTo(issuer.keySet());

        issuer.demand("second");
        assertUnavailable(fetch, "status 401");
        Files.writeString(token, "second\n");

        assertThat(keys(fetch)).isEqualTo(issuer.keySet());
    }

    /** The document may point anywhere; what the operator named gets the token. */
    @Test
    void ourTokenGoesToNoServerThatADocumentNames() throws Exception {
        try (TestIssuer elsewhere = new TestIssuer()) {
            elsewhere.demand("mine");
            issuer.pointTo(elsewhere.keysUrl());
            Path token = Files.writeString(directory.resolve("token"), "mine");

            assertUnavailable(fetch(Map.of("token-file", token.toString())), "status 401");

            assertThat(elsewhere.fetches()).isEqualTo(1);
        }
    }

    @Test
    void anAnswerThatIsNotInOrderGivesNoKeys() {
        issuer.claimToBe("https://elsewhere.example");
        assertUnavailable(fetch(Map.of()), "another issuer");
        issuer.claimToBe(issuer.url());
        issuer.pointTo("http://keys.example/keys");
        assertUnavailable(fetch(Map.of()), "must be https");
        issuer.pointTo("ftp://127.0.0.1/keys");
        assertUnavailable(fetch(Map.of()), "must be https");
        issuer.pointTo("https://169.254.169.254/keys");
        assertUnavailable(fetch(Map.of()), "forbidden_address");
        issuer.pointTo("https://10.0.0.1/keys");
        assertUnavailable(fetch(Map.of()), "forbidden_address");
        issuer.answer(302);
        assertUnavailable(fetch(Map.of()), "status 302");
    }

    @Test
    void theServerIsCheckedAgainstTheFileOfCertificates() throws Exception {
        try (TlsServer server = new TlsServer(directory, "ip:127.0.0.1")) {
            server.answer("/openid/v1/jwks", issuer.keySet());
            String url = "https://127.0.0.1:" + server.port() + "/openid/v1/jwks";
            Path token = Files.writeString(directory.resolve("token"), "mine");
            Map<String, String> settings = new HashMap<>(Map.of("jwks-url", url, "token-file", token.toString()));
            assertUnavailable(fetch(settings), "");
            assertThat(server.requests()).isEmpty();

            settings.put("ca-file", server.certificate().toString());

            assertThat(keys(fetch(settings))).isEqualTo(issuer.keySet());
            assertThat(server.authorizations()).containsExactly("Bearer mine");
            settings.put(
                    "ca-file",
                    Keytool.key(directory, "stranger", "CN=localhost", null).toString());
            assertUnavailable(fetch(settings), "");
        }
    }

    /** Keys, also at the URL that the metadata names, where only the proxy resolves names. */
    @Test
    void theKeysOfAnIssuerComeThroughTheProxy() throws Exception {
        String host = "login.unresolved.example";
        try (TlsServer server = new TlsServer(directory, "dns:" + host + ",dns:keys.unresolved.example");
                ConnectProxy proxy = new ConnectProxy(server.port())) {
            server.answer(
                    "/.well-known/openid-configuration",
                    "{\"issuer\":\"https://%s\",\"jwks_uri\":\"https://keys.unresolved.example/keys\"}"
                            .formatted(host));
            server.answer("/keys", issuer.keySet());
            Map<String, String> settings = Map.of(
                    "issuer", "https://" + host, "ca-file", server.certificate().toString());

            assertThat(keys(new IssuerClient(
                            vertx, config(settings).issuers().get("a"), false, Proxies.at(vertx, proxy.port()))))
                    .isEqualTo(issuer.keySet());
            assertThat(proxy.targets()).containsExactly(host + ":443", "keys.unresolved.example:443");

            server.answer(
                    "/.well-known/openid-configuration",
                    "{\"issuer\":\"https://%s\",\"jwks_uri\":\"https://metadata.internal/keys\"}".formatted(host));
            IssuerClient led = new IssuerClient(
                    vertx, config(settings).issuers().get("a"), false, Proxies.at(vertx, proxy.port()));
            assertUnavailable(led, "forbidden_address");
            assertThat(proxy.targets()).hasSize(3).doesNotContain("metadata.internal:443");
        }
    }

    @Test
    void settingsThatCannotBeMeantStopTheStart() {
        assertFault(Map.of("algorithms", "RS256,none"), ".algorithms");
        assertFault(Map.of("algorithms", "HS256"), ".algorithms");
        assertFault(Map.of("leeway", "1h"), ".leeway");
        assertFault(Map.of("jwks-url", "http://keys.example/"), ".jwks-url: must be https");
        assertFault(Map.of("jwks-url", issuer.keysUrl(), "jwks-file", "/keys"), "not both");
        assertFault(Map.of("issuer", "https://user@login.example"), ".issuer");
        assertFault(Map.of("roles.root", "x"), ".roles.root");
        assertFault(Map.of("tenant", "a b"), ".tenant");
    }

    private void assertFault(Map<String, String> settings, String fault) {
        assertThatThrownBy(
                        () -> new TrustedIssuers(config(settings), true, vertx, ForwardProxy.NONE, Clock.systemUTC()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nexus.oauth.access.issuers.a" + (fault.startsWith(".") ? fault : ""))
                .hasMessageContaining(fault);
    }

    private IssuerClient fetch(Map<String, String> settings) {
        return new IssuerClient(vertx, config(settings).issuers().get("a"), true, ForwardProxy.NONE);
    }

    private AccessConfig config(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        all.put("nexus.oauth.access.issuers.a.issuer", issuer.url());
        all.put("nexus.oauth.access.issuers.a.audience", TestIssuer.AUDIENCE);
        settings.forEach((key, value) -> all.put("nexus.oauth.access.issuers.a." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(AccessConfig.class)
                .withDefaultValues(all)
                .build()
                .getConfigMapping(AccessConfig.class);
    }

    private static String keys(IssuerClient fetch) throws Exception {
        return fetch.keys().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static void assertUnavailable(IssuerClient fetch, String reason) {
        assertThatThrownBy(() -> keys(fetch))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IssuerUnavailable.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("mine");
    }
}
