package io.nexus.oauth.monitor;

import io.nexus.oauth.event.Activity;
import io.nexus.oauth.monitor.metrics.ReadingMetrics;
import io.smallrye.health.registry.HealthRegistries;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;
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

    /** The setting that a failure of the forward proxy leads to; the log has the details. */
    private static final Map<String, String> SETTINGS = Map.of(
            "proxy_unreachable", "nexus.oauth.providers.proxy.url",
            "proxy_credentials", "nexus.oauth.providers.proxy.credentials-file",
            "proxy_refused", "nexus.oauth.providers.proxy.no-proxy",
            "proxy_failed", "nexus.oauth.providers.proxy.url");

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
        return response(provider, tracker.of(provider), Optional.ofNullable(readings.openCircuitReason(provider)));
    }

    /** The answer about {@code provider}; {@code circuit} is the reason of an open circuit breaker. */
    static HealthCheckResponse response(
            String provider, ProviderHealthTracker.Health health, Optional<String> circuit) {
        var response = HealthCheckResponse.named("provider-" + provider)
                .status(health.isHealthy() && circuit.isEmpty())
                .withData("failures", health.failures());
        circuit.ifPresent(code -> response.withData("circuit", "open"));
        Optional<String> reason = circuit.or(() -> Optional.ofNullable(health.reason()));
        reason.ifPresent(code -> response.withData("reason", code));
        reason.map(SETTINGS::get).ifPresent(key -> response.withData("setting", key));
        Optional.ofNullable(health.succeededAt()).ifPresent(at -> response.withData("succeeded_at", at.toString()));
        Optional.ofNullable(health.failedAt()).ifPresent(at -> response.withData("failed_at", at.toString()));
        return response.build();
    }
}
