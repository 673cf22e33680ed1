package io.nexus.oauth.sandbox;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SandboxGuardTest {

    @Test
    void refusesToStartOutsideLocalMode() {
        assertThatThrownBy(() -> check(true, Optional.of("production")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nexus.oauth.mode is production");
        assertThatThrownBy(() -> check(true, Optional.empty())).hasMessageContaining("nexus.oauth.mode is not set");
    }

    @Test
    void startsInLocalModeOrSwitchedOff() {
        assertThatCode(() -> check(true, Optional.of("local"))).doesNotThrowAnyException();
        assertThatCode(() -> check(false, Optional.of("production"))).doesNotThrowAnyException();
    }

    private static void check(boolean enabled, Optional<String> mode) {
        SandboxConfig config = new Settings(enabled, Duration.ZERO, Duration.ZERO, Duration.ZERO, Path.of(""));
        new SandboxGuard(config, mode).check(new StartupEvent());
    }

    private record Settings(
            boolean enabled,
            Duration accessTokenLifetime,
            Duration codeLifetime,
            Duration consentLifetime,
            Path stateFile)
            implements SandboxConfig {}
}
