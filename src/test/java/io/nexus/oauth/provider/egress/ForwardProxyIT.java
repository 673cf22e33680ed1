package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.deploy.Tool;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.testing.LocalPorts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests through a real forward proxy, Squid, which resolves names, checks users and permits hosts as a company's does. */
class ForwardProxyIT {

    private static final String KNOWN = "login.unresolved.example";
    private static final String LOGIN = "service:s3cret";

    private static TlsServer provider;
    private static Squid squid;

    private static Path credentials;

    @BeforeAll
    static void start(@TempDir Path directory, @TempDir Path own) throws Exception {
        Path program = Tool.find("squid");
        credentials = own.resolve("credentials");
        provider = new TlsServer(own, "dns:" + KNOWN + ",dns:127-0-0-1.address.test");
        squid = new Squid(
                program,
                directory,
                LOGIN,
                List.of(KNOWN, "other.unresolved.example", "login.forbidden.unresolved.example"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (squid != null) {
            squid.close();
            provider.close();
        }
    }

    @BeforeEach
    void forget() throws IOException {
        provider.requests().clear();
        Files.writeString(credentials, LOGIN);
    }

    private static HttpExchange exchange(boolean loopback, Map<String, String> keys) {
        Map<String, String> all = new HashMap<>(
                Map.of("url", "http://localhost:" + squid.port(), "credentials-file", credentials.toString()));
        all.putAll(keys);
        return new HttpExchange(
                Providers.VERTX,
                new Egress(Providers.VERTX, new AddressRule(loopback, List.of()), Proxies.with(Providers.VERTX, all)),
                TrustAnchors.with(provider.certificate()));
    }

    private static ExchangeResult send(HttpExchange exchange, String host, int port) {
        HttpExchange.Call call = new HttpExchange.Call(
                "POST",
                URI.create("https://" + host + ":" + port + "/token"),
                Map.of(),
                "refresh_token=s3cret",
                Duration.ofSeconds(30),
                1_000);
        return exchange.send(call).await().atMost(Duration.ofSeconds(60));
    }

    private static ExchangeResult.NotSent unsent(String code) {
        return new ExchangeResult.NotSent(code);
    }

    @Test
    void aNameThatOnlyTheProxyKnowsIsReachedByTls() throws IOException {
        assertThat(send(exchange(false, Map.of()), KNOWN, provider.port())).isInstanceOf(ExchangeResult.Complete.class);
        assertThat(provider.requests()).containsExactly("POST /token");
        await().untilAsserted(() -> assertThat(squid.log())
                .anyMatch(each -> each.contains("CONNECT " + KNOWN + ":" + provider.port() + " service")
                        && each.contains("TCP_TUNNEL/200")));
    }

    @Test
    void theCheckedAddressIsReachedByTls() throws IOException {
        assertThat(send(exchange(true, Map.of("connect-by", "address")), "127-0-0-1.address.test", provider.port()))
                .isInstanceOf(ExchangeResult.Complete.class);
        await().untilAsserted(() ->
                assertThat(squid.log()).anyMatch(each -> each.contains("CONNECT 127.0.0.1:" + provider.port())));
    }

    /** The proxy leads to a server that is not the one of the name. */
    @Test
    void aServerWithoutTheNameGetsNothing() {
        assertThat(send(exchange(false, Map.of()), "other.unresolved.example", provider.port()))
                .isEqualTo(unsent("unconnected"));
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void wrongCredentialsHaveACodeUntilTheFileIsRight() throws IOException {
        Files.writeString(credentials, "service:wr0ng");
        HttpExchange exchange = exchange(false, Map.of());
        assertThat(send(exchange, KNOWN, provider.port())).isEqualTo(unsent("proxy_credentials"));

        Files.writeString(credentials, LOGIN);
        await().untilAsserted(() ->
                assertThat(send(exchange, KNOWN, provider.port())).isInstanceOf(ExchangeResult.Complete.class));
    }

    @Test
    void withoutCredentialsItIsTheSame() {
        HttpExchange exchange = new HttpExchange(
                Providers.VERTX,
                new Egress(
                        Providers.VERTX, new AddressRule(false, List.of()), Proxies.at(Providers.VERTX, squid.port())),
                TrustAnchors.with(provider.certificate()));
        assertThat(send(exchange, KNOWN, provider.port())).isEqualTo(unsent("proxy_credentials"));
    }

    @Test
    void aHostThatTheProxyForbidsHasACode() {
        assertThat(send(exchange(false, Map.of()), "login.forbidden.unresolved.example", 443))
                .isEqualTo(unsent("proxy_refused"));
    }

    @Test
    void aProviderThatTheProxyDoesNotReachHasACode() {
        assertThat(send(exchange(false, Map.of()), KNOWN, LocalPorts.free())).isEqualTo(unsent("proxy_failed"));
    }
}
