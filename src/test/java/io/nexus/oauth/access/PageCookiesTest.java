package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.credential.Secret;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageCookiesTest {

    private static final String VALUE = "v".repeat(43);
    private static final String PUBLIC = "https://tokens.example.com";
    private static final AccessConfig CONFIG = new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(AccessConfig.class)
            .withDefaultValue("nexus.oauth.access.page-session", "30m")
            .build()
            .getConfigMapping(AccessConfig.class);

    private static PageCookies cookies(String url) {
        return new PageCookies(Optional.of(URI.create(url)), CONFIG);
    }

    /** A request that has nothing but where it goes and every cookie. */
    private static HttpServerRequest request(String scheme, String host) {
        return (HttpServerRequest) Proxy.newProxyInstance(
                PageCookiesTest.class.getClassLoader(),
                new Class<?>[] {HttpServerRequest.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "scheme" -> scheme;
                    case "authority" -> HostAndPort.parseAuthority(host, 80);
                    case "getCookie" ->
                        Cookie.cookie(
                                (String) args[0], ((String) args[0]).startsWith("__Host-") ? "h".repeat(43) : VALUE);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @Test
    void noOtherHostAndNoPlainConnectionSetsOne() {
        HttpServerRequest request = request("https", "tokens.example.com");

        assertThat(cookies(PUBLIC).writeSession(request, Secret.of("value")))
                .isEqualTo("__Host-nexus-session=value; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=1800");
        assertThat(cookies(PUBLIC).session(request).orElseThrow().reveal()).startsWith("h");
    }

    /** Behind a proxy that ends TLS the connection is plain; and a name alone makes no loopback. */
    @ParameterizedTest
    @CsvSource({"http,tokens.example.com", "http,localhost.example.com", "https,localhost", "http,10.0.0.1:8080"})
    void onlyPlainLoopbackGetsAnother(String scheme, String host) {
        assertThat(cookies(PUBLIC).writeSignIn(request(scheme, host), Secret.of("value")))
                .startsWith("__Host-nexus-sign-in=value;")
                .contains("; Secure");
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8080,127.0.0.1:8080",
        PUBLIC + ",localhost:8080",
        PUBLIC + ",127.0.0.1:8080",
        PUBLIC + ",[::1]:8080"
    })
    void overPlainLoopbackBrowsersWantAnotherName(String url, String host) {
        HttpServerRequest request = request("http", host);

        assertThat(cookies(url).writeSession(request, Secret.of("value")))
                .startsWith("nexus-session=value;")
                .doesNotContain("Secure");
        assertThat(cookies(url).session(request).orElseThrow().reveal()).isEqualTo(VALUE);
    }

    @Test
    void signingOutTakesItBack() {
        assertThat(cookies(PUBLIC).clearSession(request("https", "tokens.example.com")))
                .startsWith("__Host-nexus-session=;")
                .endsWith("Max-Age=0");
    }

    @Test
    void anIdentityProviderLeadsBackWithOneOnly() {
        HttpServerRequest request = request("https", "tokens.example.com");

        assertThat(cookies(PUBLIC).writeRedirect(request, Secret.of("value"))).contains("SameSite=Lax", "Max-Age=900");
        assertThat(cookies(PUBLIC).clearRedirect(request)).contains("nexus-entry=;", "Max-Age=0");
    }
}
