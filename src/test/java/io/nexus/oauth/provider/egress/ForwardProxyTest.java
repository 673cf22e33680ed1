package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.ScriptedServer;
import io.nexus.oauth.rest.LogCapture;
import io.nexus.oauth.testing.LocalPorts;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests through a proxy that resolves names on its own. */
class ForwardProxyTest {

    /** A name with a public address, which the test's proxy takes for this machine. */
    private static final String PUBLIC = "8-8-8-8.address.test";

    private static TlsServer provider;

    @TempDir
    Path directory;

    private ConnectProxy proxy;

    @BeforeAll
    static void startProvider(@TempDir Path directory) throws Exception {
        provider = new TlsServer(
                directory,
                "dns:" + PUBLIC
                        + ",dns:api.unresolved.example,dns:api.slow.example,dns:127-0-0-1.address.test,ip:8.8.8.8");
    }

    @AfterAll
    static void stopProvider() throws Exception {
        provider.close();
    }

    @BeforeEach
    void start() {
        provider.requests().clear();
        proxy = new ConnectProxy(provider.port());
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    private HttpExchange exchange(AddressRule rule, Map<String, String> keys) {
        Map<String, String> all = new HashMap<>(Map.of("url", "http://127.0.0.1:" + proxy.port()));
        all.putAll(keys);
        return new HttpExchange(
                Providers.VERTX,
                new Egress(Providers.VERTX, rule, Proxies.with(Providers.VERTX, all)),
                TrustAnchors.with(provider.certificate()));
    }

    private HttpExchange exchange(Map<String, String> keys) {
        return exchange(new AddressRule(false, List.of()), keys);
    }

    private static ExchangeResult send(HttpExchange exchange, String url) {
        HttpExchange.Call call = new HttpExchange.Call(
                "POST", URI.create(url), Map.of("X", "s3cret"), "refresh_token=s3cret", Duration.ofSeconds(30), 1_000);
        return exchange.send(call.ownedBy("tenant")).await().atMost(Duration.ofSeconds(60));
    }

    private static ExchangeResult send(HttpExchange exchange) {
        return send(exchange, "https://" + PUBLIC + "/token");
    }

    private static ExchangeResult.NotSent unsent(String code) {
        return new ExchangeResult.NotSent(code);
    }

    @Test
    void theProxyGetsTheNameAndNothingElse() {
        assertThat(send(exchange(Map.of()))).isInstanceOf(ExchangeResult.Complete.class);
        assertThat(proxy.targets()).containsExactly(PUBLIC + ":443");
        assertThat(proxy.heads()).singleElement().asString().doesNotContain("s3cret", "/token", "authorization");
        assertThat(provider.requests()).containsExactly("POST /token");
    }

    @Test
    void theProxyGetsTheCheckedAddressIfTheOperatorWantsIt() {
        assertThat(send(exchange(Map.of("connect-by", "address")))).isInstanceOf(ExchangeResult.Complete.class);
        assertThat(proxy.targets()).containsExactly("8.8.8.8:443");
        assertThat(send(exchange(Map.of("connect-by", "address")), "https://api.unresolved.example/"))
                .isEqualTo(unsent("unconnected"));
        assertThat(proxy.targets()).hasSize(1);
    }

    @Test
    void whatIsWrittenAsAnAddressIsSentAsTheCheckedOne() {
        assertThat(send(exchange(Map.of()), "https://8.8.8.8/")).isInstanceOf(ExchangeResult.Complete.class);
        send(exchange(Map.of()), "https://134744072/");
        send(exchange(Map.of()), "https://[::ffff:8.8.8.8]:8443/");
        send(exchange(Map.of()), "https://[2606:4700::1111]/");
        assertThat(proxy.targets())
                .containsExactly("8.8.8.8:443", "8.8.8.8:443", "8.8.8.8:8443", "[2606:4700::1111]:443");
    }

    /** The proxy connects to the provider all the same, whatever its name and its certificate are. */
    @Test
    void hostNameAndTrustAreThoseOfTheProvider() {
        assertThat(send(exchange(Map.of()), "https://9-9-9-9.address.test/")).isEqualTo(unsent("unconnected"));
        HttpExchange distrusting = new HttpExchange(
                Providers.VERTX,
                new Egress(
                        Providers.VERTX, new AddressRule(false, List.of()), Proxies.at(Providers.VERTX, proxy.port())),
                null);
        assertThat(send(distrusting)).isEqualTo(unsent("unconnected"));
        assertThat(proxy.targets()).hasSize(2);
        assertThat(provider.requests()).isEmpty();
    }

    /** The proxy is in a network of its own, where it reaches what the service must not reach. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "10.0.0.1",
                "192.168.1.1.",
                "2852039166",
                "0xa9fea9fe",
                "0xa9.0xfe.0xa9.0xfe",
                "0251.0376.0251.0376",
                "169.254.43518",
                "0x7f.1",
                "[::ffff:169.254.169.254]",
                "[64:ff9b::a9fe:a9fe]",
                "[fd00:ec2::254]",
                "[fe80::1]",
                "169-254-169-254.address.test",
                "10-0-0-1.address.test",
                "127-0-0-1.address.test",
                // this machine is not reached through the proxy, and not at all
                "localhost",
                "metadata.localhost",
                "127.0.0.1",
            })
    void theProxyIsNotAskedForAForbiddenAddress(String host) {
        for (String form : List.of("name", "address")) {
            assertThat(send(exchange(Map.of("connect-by", form)), "https://" + host + "/"))
                    .as(form)
                    .isInstanceOf(ExchangeResult.NotSent.class);
        }
        assertThat(proxy.targets()).isEmpty();
    }

    /** With the name the proxy may choose any address; with the checked address it cannot choose. */
    @Test
    void ofSeveralAddressesTheProxyGetsAnAllowedOneOrNone() {
        for (String host : List.of("8-8-8-8.and.10-0-0-1.address.test", "169-254-169-254.and.8-8-8-8.address.test")) {
            assertThat(send(exchange(Map.of()), "https://" + host + "/")).isEqualTo(unsent("forbidden_address"));
        }
        assertThat(proxy.targets()).isEmpty();
        send(exchange(Map.of("connect-by", "address")), "https://10-0-0-1.and.8-8-8-8.address.test/");
        assertThat(proxy.targets()).containsExactly("8.8.8.8:443");
    }

    @Test
    void aPublicNameThatOnlyTheProxyResolvesIsReached() {
        assertThat(send(exchange(Map.of()), "https://api.unresolved.example/"))
                .isInstanceOf(ExchangeResult.Complete.class);
        long began = System.nanoTime();
        HttpExchange exchange = exchange(Map.of());
        assertThat(send(exchange, "https://api.slow.example/")).isInstanceOf(ExchangeResult.Complete.class);
        assertThat(send(exchange, "https://api.slow.example/")).isInstanceOf(ExchangeResult.Complete.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("the name server takes six seconds")
                .isLessThan(Duration.ofSeconds(5));
        assertThat(proxy.targets())
                .containsExactly("api.unresolved.example:443", "api.slow.example:443", "api.slow.example:443");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metadata",
                "metadata.google.internal",
                "metadata.google.internal.",
                "router.lan",
                "nas.local",
                "idp.corp",
                "API.SVC",
                "api.svc.cluster.local",
                "1.0.0.10.in-addr.arpa",
                "host.localdomain",
                "x.slow.test"
            })
    void aNameOfANetworkThatNobodyResolvesIsNot(String host) {
        AddressRule rule = new AddressRule(false, List.of());
        assertThat(rule.allowsName(host)).isFalse();
        assertThat(new AddressRule(false, List.of(NoProxyList.plain(host))).allowsName(host))
                .as("the operator lists it")
                .isTrue();
        assertThat(rule.allowsName("api.example")).isTrue();
    }

    @Test
    void aNameOfANetworkIsRefusedOnTheWay() {
        assertThat(send(exchange(Map.of()), "https://x.slow.test/")).isEqualTo(unsent("forbidden_address"));
        assertThat(proxy.targets()).isEmpty();
        send(exchange(new AddressRule(false, List.of(".slow.test")), Map.of()), "https://x.slow.test/");
        assertThat(proxy.targets()).containsExactly("x.slow.test:443");
    }

    @Test
    void hostsOfTheListAreReachedWithoutTheProxy() {
        String host = "127-0-0-1.address.test";
        String url = "https://" + host + ":" + provider.port() + "/direct";
        AddressRule loopback = new AddressRule(true, List.of());
        assertThat(send(exchange(loopback, Map.of("no-proxy", "other.example,.address.test")), url))
                .isInstanceOf(ExchangeResult.Complete.class);
        assertThat(proxy.targets()).isEmpty();
        // the addresses are judged all the same
        assertThat(send(exchange(Map.of("no-proxy", ".address.test")), url)).isEqualTo(unsent("forbidden_address"));
        assertThat(send(exchange(loopback, Map.of("no-proxy", host + ":443")), url))
                .isInstanceOf(ExchangeResult.Complete.class);
        assertThat(proxy.targets()).containsExactly(host + ":" + provider.port());
    }

    /** The proxy would see a request without TLS. Only this machine is reached so, and never through the proxy. */
    @Test
    void aRequestWithoutTlsDoesNotGoThroughTheProxy() throws Exception {
        try (ScriptedServer plain = new ScriptedServer(ScriptedServer.json(200, "{}"))) {
            String url = plain.url().replace("127.0.0.1", "127-0-0-1.address.test");
            assertThat(send(exchange(new AddressRule(true, List.of()), Map.of()), url))
                    .isInstanceOf(ExchangeResult.Complete.class);
            assertThat(proxy.heads()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "407 Proxy Authentication Required, proxy_credentials",
        "403 Forbidden, proxy_refused",
        "400 Bad Request, proxy_refused",
        "405 Method Not Allowed, proxy_refused",
        "301 Moved, proxy_refused",
        "500 Unable to connect, proxy_failed",
        "502 Bad Gateway, proxy_failed",
        "503 Service Unavailable, proxy_failed",
        "504 Gateway Timeout, proxy_failed",
    })
    void theProxysAnswerHasACodeOfItsOwn(String status, String code) {
        proxy.answer("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
        assertThat(send(exchange(Map.of()))).isEqualTo(unsent(code));
        assertThat(new ExchangeResult.NotSent(code).isByProxy()).isTrue();
        assertThat(provider.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense\r\n\r\n", "\r\n", "silence", "HTTP/1.1 "})
    void aProxyThatIsNoneHasFailed(String answer) {
        proxy.answer(answer);
        assertThat(send(exchange(Map.of()))).isEqualTo(unsent("proxy_failed"));
    }

    @Test
    void aProxyThatIsNotThereHasACodeOfItsOwn() {
        assertThat(send(exchange(Map.of("url", "http://127.0.0.1:" + LocalPorts.free()))))
                .isEqualTo(unsent("proxy_unreachable"));
        assertThat(send(exchange(Map.of("url", "http://proxy.unresolved.example:3128"))))
                .isEqualTo(unsent("proxy_unreachable"));
        assertThat(new ExchangeResult.NotSent("unconnected").isByProxy()).isFalse();
    }

    @Test
    void theCredentialsAreReadAgainAndNeverLogged() throws Throwable {
        proxy.accept("user:n3w:s3cret");
        Path file = Files.writeString(directory.resolve("proxy"), "user:0ld-s3cret\n");
        try (LogCapture log = LogCapture.openWithDebug("io.netty", "io.vertx", "io.nexus.oauth.provider.egress")) {
            HttpExchange exchange = exchange(Map.of("credentials-file", file.toString()));
            assertThat(send(exchange)).isEqualTo(unsent("proxy_credentials"));
            assertThat(send(exchange)).isEqualTo(unsent("proxy_credentials"));

            Files.writeString(file, "user:n3w:s3cret\n");
            await().untilAsserted(() -> assertThat(send(exchange)).isInstanceOf(ExchangeResult.Complete.class));
            for (Executable change :
                    List.<Executable>of(() -> Files.writeString(file, "nonsense-s3cret"), () -> Files.delete(file))) {
                int before = warnings(log).size();
                change.execute();
                await().untilAsserted(() -> {
                    assertThat(send(exchange))
                            .as("the last credentials stay")
                            .isInstanceOf(ExchangeResult.Complete.class);
                    assertThat(warnings(log)).hasSize(before + 1);
                });
            }
            assertThat(log.lines()).isNotEmpty().noneMatch(each -> each.contains("s3cret") || each.contains("dXNlcj"));
            assertThat(warnings(log))
                    .hasSize(3)
                    .anyMatch(each ->
                            each.contains("407") && each.contains("nexus.oauth.providers.proxy.credentials-file"))
                    .anyMatch(each -> each.contains("must have one line, user:password"))
                    .anyMatch(each -> each.contains("cannot be read"));
        }
    }

    private static List<String> warnings(LogCapture log) {
        return log.lines().stream()
                .filter(each -> each.startsWith("The forward proxy of nexus.oauth.providers.proxy.url: "))
                .toList();
    }

    @Test
    void credentialsThatCannotBeReadStopTheStart() throws Exception {
        Path none = directory.resolve("none");
        assertThatThrownBy(() -> exchange(Map.of("credentials-file", none.toString())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("nexus.oauth.providers.proxy.credentials-file", none.toString());
        for (String wrong : List.of("", "s3cret", ":s3cret", "a:s3cret\nb:s3cret", "a:s3\tcret")) {
            Path file = Files.writeString(directory.resolve("wrong"), wrong);
            assertThatThrownBy(() -> exchange(Map.of("credentials-file", file.toString())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("user:password")
                    .hasMessageNotContaining("cret");
        }
    }

    @Test
    void theVariablesCredentialsAreSent() {
        proxy.accept("user:s3cret");
        ForwardProxy forward = new ForwardProxy(
                Providers.VERTX,
                ProxySettings.read(
                                Proxies.config(Map.of()),
                                Map.of("HTTPS_PROXY", "http://user:s3cret@127.0.0.1:" + proxy.port()))
                        .orElseThrow());
        HttpExchange exchange = new HttpExchange(
                Providers.VERTX,
                new Egress(Providers.VERTX, new AddressRule(false, List.of()), forward),
                TrustAnchors.with(provider.certificate()));
        assertThat(send(exchange)).isInstanceOf(ExchangeResult.Complete.class);
    }
}
