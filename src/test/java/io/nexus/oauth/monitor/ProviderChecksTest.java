package io.nexus.oauth.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the health check of a provider says. */
class ProviderChecksTest {

    private static Map<String, Object> data(String reason, Optional<String> circuit) {
        ProviderHealthTracker.Health health = new ProviderHealthTracker.Health(3, reason, null, Instant.EPOCH);
        HealthCheckResponse response = ProviderChecks.response("x", health, circuit);
        assertThat(response.getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
        return response.getData().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "proxy_unreachable, url",
        "proxy_credentials, credentials-file",
        "proxy_refused, no-proxy",
        "proxy_failed, url",
    })
    void aFailureOfTheProxyNamesItsSetting(String code, String key) {
        for (Optional<String> circuit : java.util.List.of(Optional.<String>empty(), Optional.of(code))) {
            assertThat(data(code, circuit))
                    .containsEntry("reason", code)
                    .containsEntry("setting", "nexus.oauth.providers.proxy." + key);
        }
    }

    @Test
    void anotherFailureNamesNone() {
        assertThat(data("provider_unreachable", Optional.empty()))
                .containsEntry("reason", "provider_unreachable")
                .doesNotContainKey("setting");
    }
}
