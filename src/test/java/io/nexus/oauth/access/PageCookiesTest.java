package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Secret;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PageCookiesTest {

    private static final AccessConfig CONFIG = new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(AccessConfig.class)
            .withDefaultValue("nexus.oauth.access.page-session", "30m")
            .build()
            .getConfigMapping(AccessConfig.class);

    private static PageCookies cookies(String url) {
        return new PageCookies(Optional.of(URI.create(url)), CONFIG);
    }

    @Test
    void noOtherHostAndNoPlainConnectionSetsOne() {
        String cookie = cookies("https://tokens.example.com").writeSession(Secret.of("value"));

        assertThat(cookie)
                .isEqualTo("__Host-nexus-session=value; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=1800");
    }

    @Test
    void overPlainLoopbackBrowsersWantAnotherName() {
        assertThat(cookies("http://127.0.0.1:8080").writeSession(Secret.of("value")))
                .startsWith("nexus-session=value;")
                .doesNotContain("Secure");
    }

    @Test
    void signingOutTakesItBack() {
        assertThat(cookies("https://tokens.example.com").clearSession())
                .startsWith("__Host-nexus-session=;")
                .endsWith("Max-Age=0");
    }
}
