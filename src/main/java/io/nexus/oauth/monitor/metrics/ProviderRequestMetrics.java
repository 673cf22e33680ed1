package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nexus.oauth.provider.egress.RequestListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;

/** Counts and times the requests to each provider, by endpoint and class of the response status. */
@ApplicationScoped
class ProviderRequestMetrics implements RequestListener {

    private final MeterRegistry registry;

    ProviderRequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void ended(String provider, Endpoint endpoint, String outcome, Duration took) {
        Timer.builder("nexus.oauth.provider.requests")
                .tags(
                        "provider", provider,
                        "endpoint", endpoint.name().toLowerCase(Locale.ROOT),
                        "status_class", outcome)
                .register(registry)
                .record(took);
    }
}
