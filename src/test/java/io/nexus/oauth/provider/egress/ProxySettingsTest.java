package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the settings of the proxy come from, and what is refused. */
class ProxySettingsTest {

    private static final String URL = "http://proxy.corp:3128";

    private static Optional<ProxySettings> read(Map<String, String> keys, Map<String, String> environment) {
        return ProxySettings.read(Proxies.config(keys), environment);
    }

    private static void assertFault(Map<String, String> keys, Map<String, String> environment, String... parts) {
        assertThatThrownBy(() -> read(keys, environment))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("s3cret")
                .hasNoCause();
    }

    @Test
    void withoutKeyAndVariableThereIsNoProxy() {
        assertThat(read(Map.of(), Map.of())).isEmpty();
        assertThat(read(Map.of(), Map.of("HTTPS_PROXY", " ", "HTTP_PROXY", URL, "http_proxy", URL)))
                .isEmpty();
    }

    @Test
    void theKeyCountsBeforeTheVariable() {
        Map<String, String> environment =
                Map.of("HTTPS_PROXY", "http://upper:1", "https_proxy", "http://lower:2", "NO_PROXY", "upper.example");
        ProxySettings settings = read(Map.of("url", URL), environment).orElseThrow();
        assertThat(settings.host()).isEqualTo("proxy.corp");
        assertThat(settings.port()).isEqualTo(3128);
        assertThat(settings.source()).isEqualTo("nexus.oauth.providers.proxy.url");
        assertThat(settings.direct().contains("upper.example", 443)).isTrue();
        assertThat(settings.byAddress()).isFalse();

        assertThat(read(Map.of("url", URL, "no-proxy", "key.example,.corp", "connect-by", "address"), environment)
                        .orElseThrow())
                .satisfies(each -> {
                    assertThat(each.direct().contains("upper.example", 443)).isFalse();
                    assertThat(each.direct().contains("key.example", 443)).isTrue();
                    assertThat(each.direct().contains("idp.corp", 443)).isTrue();
                    assertThat(each.byAddress()).isTrue();
                });
    }

    @Test
    void theVariableInLowerCaseCountsFirst() {
        Map<String, String> environment = new HashMap<>(
                Map.of("HTTPS_PROXY", "http://upper:1", "NO_PROXY", "upper.example", "no_proxy", "a.example, .lower"));
        assertThat(read(Map.of(), environment).orElseThrow()).satisfies(each -> {
            assertThat(each.host()).isEqualTo("upper");
            assertThat(each.source()).isEqualTo("HTTPS_PROXY");
            assertThat(each.direct().contains("upper.example", 443)).isFalse();
            assertThat(each.direct().contains("x.lower", 443)).isTrue();
        });
        environment.put("https_proxy", "http://lower:2/");
        assertThat(read(Map.of(), environment).orElseThrow().host()).isEqualTo("lower");
    }

    @ParameterizedTest
    @CsvSource({
        "proxy.corp:3128, proxy.corp, 3128",
        "http://proxy.corp, proxy.corp, 80",
        "HTTP://10.1.2.3:8080/, 10.1.2.3, 8080",
        "'http://[fd00::1]:8080', [fd00::1], 8080",
        "http://proxy.corp:10, proxy.corp, 10",
    })
    void theVariableMayLeaveOutSchemeAndPort(String value, String host, int port) {
        ProxySettings settings = read(Map.of(), Map.of("HTTPS_PROXY", value)).orElseThrow();
        assertThat(settings.host()).isEqualTo(host);
        assertThat(settings.port()).isEqualTo(port);
        assertThat(settings.login()).isNull();
    }

    @Test
    void theVariableMayHaveUserAndPassword() {
        ProxySettings settings = read(Map.of(), Map.of("HTTPS_PROXY", "http://u%40corp:s3cret+%3A%2F@proxy:3128"))
                .orElseThrow();
        assertThat(settings.login()).isEqualTo(new ProxyCredentials.Login("u@corp", "s3cret+:/"));
        assertThat(settings.toString()).doesNotContain("s3cret").doesNotContain("u@corp");
    }

    @Test
    void theKeyMayNot() {
        assertFault(
                Map.of("url", "http://user:s3cret@proxy.corp:3128"),
                Map.of(),
                "nexus.oauth.providers.proxy.url must not have a user or password",
                "nexus.oauth.providers.proxy.credentials-file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "proxy.corp:3128",
                "ftp://proxy.corp",
                "socks5://s3cret@proxy.corp:1080",
                "http://",
                "http://proxy.corp:3128/path",
                "http://proxy.corp:3128?s3cret",
                "http://proxy.corp:3128#s3cret",
                "http://proxy.corp:0",
                "http://proxy.corp:00",
                "http://proxy.corp:70000",
                "http://proxy corp",
                "http://user:s3cret@@proxy.corp"
            })
    void whatIsNoProxyStopsTheStart(String url) {
        assertFault(Map.of("url", url), Map.of(), "nexus.oauth.providers.proxy.url", "http://proxy.example.com:3128");
        if (url.contains("://")) {
            assertFault(Map.of(), Map.of("https_proxy", url), "HTTPS_PROXY", "http://proxy.example.com:3128");
        }
    }

    @Test
    void allFaultsAreNamedAtOnce() {
        assertFault(
                Map.of("url", "https://user:s3cret@proxy.corp", "no-proxy", "http://idp.corp,a b"),
                Map.of(),
                "nexus.oauth.providers.proxy.url: the service connects to the proxy by http:// only",
                "nexus.oauth.providers.proxy.no-proxy: \"http://idp.corp\"",
                "nexus.oauth.providers.proxy.no-proxy: \"a b\"");
        assertFault(Map.of(), Map.of("HTTPS_PROXY", "https://proxy:1", "NO_PROXY", "x/y"), "HTTPS_PROXY", "NO_PROXY");
        assertFault(Map.of("credentials-file", "/f"), Map.of(), "credentials-file is set, but", "url is not");
        assertFault(Map.of(), Map.of("HTTPS_PROXY", "http://:s3cret@proxy:1"), "HTTPS_PROXY", "user and password");
    }

    /** The way out for an environment that is not meant for this service. */
    @Test
    void aStarIsNoProxy() {
        assertThat(read(Map.of("no-proxy", "*"), Map.of("HTTPS_PROXY", "https://proxy:1")))
                .isEmpty();
        assertThat(read(Map.of(), Map.of("HTTPS_PROXY", "http://proxy:1", "NO_PROXY", "*")))
                .isEmpty();
    }
}
