package io.nexus.oauth.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.Keyring;
import io.nexus.oauth.crypto.OAuthCrypto;
import io.nexus.oauth.provider.RefreshTimers;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartupChecksTest {

    private static final Keyring OWN = Keyring.of(List.of(Secret.of(OAuthCrypto.generateKey())));
    private static final Keyring PUBLISHED =
            Keyring.of(List.of(Secret.of("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")));

    private static final TimerChecks.Subject STRICT = new TimerChecks.Subject(
            "strict",
            true,
            Duration.ZERO,
            new RefreshTimers(Duration.ofSeconds(45), Duration.ofSeconds(75), Duration.ofSeconds(120), false));
    private static final TimerChecks TIMERS =
            new TimerChecks(List.of(), Duration.ofSeconds(5), Duration.ofSeconds(75), Duration.ofSeconds(30));

    @Test
    void startsWithSafeSettings() {
        StartupChecks checks = checks("production", "https://oauth.example.com", false, OWN);

        assertThat(checks.findings()).isEmpty();
        assertThatCode(() -> checks.check(new StartupEvent())).doesNotThrowAnyException();
    }

    @Test
    void listsEveryFindingAtOnceAndRefusesToStart() {
        StartupChecks checks = checks("production", "http://oauth.example.com", true, PUBLISHED);

        assertThat(checks.findings())
                .extracting(finding -> finding.substring(0, finding.indexOf(':')))
                .containsExactly(
                        "nexus.oauth.public-url",
                        "nexus.oauth.providers.allow-insecure-http",
                        "nexus.oauth.encryption");
        assertThatThrownBy(() -> checks.check(new StartupEvent()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("public-url", "allow-insecure-http", "encryption");
    }

    @Test
    void asksForThePublicUrl() {
        StartupChecks checks = new StartupChecks("production", "0.0.0.0", Optional.empty(), false, () -> OWN, TIMERS);

        assertThat(checks.findings()).singleElement().asString().startsWith("nexus.oauth.public-url: is required");
    }

    @Test
    void tellsOfAMissingKeyBesideTheRest() {
        StartupChecks checks = new StartupChecks(
                "production",
                "0.0.0.0",
                Optional.empty(),
                false,
                () -> {
                    throw new IllegalStateException("there is no key");
                },
                TIMERS);

        assertThat(checks.findings()).hasSize(2).last().asString().isEqualTo("nexus.oauth.encryption: there is no key");
    }

    @Test
    void knowsTwoModesOnly() {
        assertThat(checks("prod", "https://oauth.example.com", false, OWN).findings())
                .singleElement()
                .asString()
                .startsWith("nexus.oauth.mode");
    }

    @Test
    void leavesLocalModeAlone() {
        assertThat(checks("local", "http://127.0.0.1:8080", true, PUBLISHED).findings())
                .isEmpty();
    }

    @Test
    void keepsLocalModeOnTheLoopback() {
        StartupChecks checks = new StartupChecks(
                "local", "0.0.0.0", Optional.of(URI.create("http://127.0.0.1:8080")), true, () -> OWN, TIMERS);

        assertThat(checks.findings()).singleElement().asString().startsWith("quarkus.http.host");
    }

    @Test
    void looksAtTheTimersInBothModes() {
        TimerChecks tight =
                new TimerChecks(List.of(STRICT), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30));
        for (String mode : List.of("local", "production")) {
            StartupChecks checks = new StartupChecks(
                    mode, "127.0.0.1", Optional.of(URI.create("https://oauth.example.com")), false, () -> OWN, tight);

            assertThat(checks.findings())
                    .singleElement()
                    .asString()
                    .startsWith("nexus.oauth.refresh.termination-grace");
            assertThatThrownBy(() -> checks.check(new StartupEvent())).isInstanceOf(ConfigurationException.class);
        }
    }

    private static StartupChecks checks(String mode, String publicUrl, boolean insecureHttp, Keyring keyring) {
        return new StartupChecks(
                mode,
                mode.equals("local") ? "127.0.0.1" : "0.0.0.0",
                Optional.of(URI.create(publicUrl)),
                insecureHttp,
                () -> keyring,
                TIMERS);
    }
}
