package io.nexus.oauth.monitor;

import io.nexus.oauth.event.Activity;
import io.nexus.oauth.monitor.metrics.ReadingMetrics;
import io.smallrye.health.registry.HealthRegistries;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.health.HealthCheckResponse;

/**
 * Registers a health check for each provider after its first refresh, in the group {@code providers} at {@code
 * /q/health/group/providers}. The group is not part of readiness: during a provider's outage the pod still serves valid tokens.
 */
@ApplicationScoped
class ProviderChecks {

    private static final String GROUP = "providers";

    private final ProviderHealthTracker tracker;
    private final ReadingMetrics readings;
    private final Set<String> registered = ConcurrentHashMap.newKeySet();

    ProviderChecks(ProviderHealthTracker tracker, ReadingMetrics readings) {
        this.tracker = tracker;
        this.readings = readings;
    }

    void register(@Observes Activity activity) {
        if (activity instanceof Activity.Refresh refresh && registered.add(refresh.provider())) {
            HealthRegistries.getHealthGroupRegistry(GROUP)
                    .register("provider-" + refresh.provider(), () -> check(refresh.provider()));
        }
    }

    private HealthCheckResponse check(String provider) {
        ProviderHealthTracker.Health health = tracker.of(provider);
        Optional<String> circuit = Optional.ofNullable(readings.openCircuitReason(provider));
        var response = HealthCheckResponse.named("provider-" + provider)
                .status(health.isHealthy() && circuit.isEmpty())
                .withData("failures", health.failures());
        circuit.ifPresent(code -> response.withData("circuit", "open"));
        circuit.or(() -> Optional.ofNullable(health.reason())).ifPresent(reason -> response.withData("reason", reason));
        Optional.ofNullable(health.succeededAt()).ifPresent(at -> response.withData("succeeded_at", at.toString()));
        Optional.ofNullable(health.failedAt()).ifPresent(at -> response.withData("failed_at", at.toString()));
        return response.build();
    }
}
