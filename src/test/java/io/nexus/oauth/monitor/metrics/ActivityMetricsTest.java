package io.nexus.oauth.monitor.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexus.oauth.event.Activity;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The labels of the activities. */
class ActivityMetricsTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();

    // a provider chooses its error codes: one that never repeats a code would fill the memory with series
    @Test
    void reasonsOfFailuresAreBounded() {
        ActivityMetrics metrics = new ActivityMetrics(registry);
        for (int i = 0; i < 5_000; i++) {
            fail(metrics, "code_" + i);
        }
        fail(metrics, "code_1");

        assertThat(registry.find("nexus.oauth.refresh.failures").counters()).hasSizeLessThanOrEqualTo(201);
        assertThat(count("other")).isEqualTo(4_800);
        assertThat(count("code_1")).isEqualTo(2);
    }

    private static void fail(ActivityMetrics metrics, String reason) {
        metrics.record(new Activity.Refresh("oauth2", "due", "rejected", reason, Duration.ofMillis(5)));
    }

    private double count(String reason) {
        return registry.get("nexus.oauth.refresh.failures")
                .tag("reason", reason)
                .counter()
                .count();
    }
}
