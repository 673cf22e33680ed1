package io.nexus.oauth.monitor.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.Reading;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Series for alerts start at zero, because Prometheus sees no increase in a series that starts at five. */
class FirstRiseTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();

    @ParameterizedTest
    @ValueSource(strings = {"misconfigured", "rejected"})
    void aRefusedRefreshOfAProviderThatIsUsed(String outcome) {
        ActivityMetrics metrics = new ActivityMetrics(registry);
        var active = new Reading.Count("google", "active", 3);
        var ended = new Reading.Count("google", "reauth_required", 1);
        metrics.prepare(new Reading.Connections(List.of(active, ended), List.of()));
        for (String trigger : List.of("due", "read", "ahead", "forced", "rejected")) {
            Counter counter = registry.get("nexus.oauth.refresh")
                    .tags("provider", "google", "trigger", trigger, "outcome", outcome)
                    .counter();
            assertThat(counter.count()).isZero();
            metrics.record(new Activity.Refresh("google", trigger, outcome, null, Duration.ofMillis(5)));
            metrics.prepare(new Reading.Connections(List.of(active), List.of()));
            assertThat(counter.count()).isEqualTo(1);
        }
        assertThat(registry.find("nexus.oauth.refresh").counters())
                .hasSize(10)
                .allMatch(each -> "google".equals(each.getId().getTag("provider")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"token_handed_out", "access_denied"})
    void anEventThatLeftNoLine(String operation) {
        AuditMetrics metrics = new AuditMetrics(registry);
        Counter counter = registry.get("nexus.oauth.audit.dropped")
                .tag("operation", operation)
                .counter();
        assertThat(counter.count()).isZero();
        metrics.show(new AuditSignal.Dropped(operation, 7));
        assertThat(counter.count()).isEqualTo(7);
    }
}
