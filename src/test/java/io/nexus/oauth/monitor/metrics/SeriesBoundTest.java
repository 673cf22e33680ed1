package io.nexus.oauth.monitor.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.Collection;
import org.junit.jupiter.api.Test;

/** Each series stays in memory, here and in Prometheus. */
@QuarkusTest
class SeriesBoundTest {

    private static final String FAILURES = "nexus.oauth.refresh.failures";

    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void aProviderWithEverNewErrorCodesMakesFewSeries() {
        ActivityMetrics metrics = new ActivityMetrics(registry);
        for (int i = 0; i < 1_000; i++) {
            fail(metrics, "oidc", "code_" + i);
        }
        fail(metrics, "oidc", "invalid_client");
        fail(metrics, "google", "code_999");

        Collection<Counter> series =
                registry.get(FAILURES).tag("provider", "oidc").counters();
        assertThat(series).hasSize(ActivityMetrics.MAX_REASONS + 2);
        assertThat(count("oidc", "other")).isEqualTo(1_000 - ActivityMetrics.MAX_REASONS);
        assertThat(count("oidc", "invalid_client")).isEqualTo(1);
        assertThat(count("google", "code_999")).isEqualTo(1);
    }

    /** The framework would add a series for each address and each path that a tenant chooses. */
    @Test
    void requestsToProvidersHaveNoSeriesForEachHost() {
        Browser browser = new Browser();
        browser.connect(Api.link(Api.unique("user")), Api.unique("account"));

        assertThat(Api.management()
                        .get("/q/metrics")
                        .asString()
                        .lines()
                        .filter(line -> line.contains("address=") || line.startsWith("http_client")))
                .isEmpty();
    }

    private double count(String provider, String reason) {
        return registry.get(FAILURES)
                .tags("provider", provider, "reason", reason)
                .counter()
                .count();
    }

    private static void fail(ActivityMetrics metrics, String provider, String reason) {
        metrics.record(new Activity.Refresh(provider, "due", "misconfigured", reason, Duration.ofMillis(5)));
    }
}
