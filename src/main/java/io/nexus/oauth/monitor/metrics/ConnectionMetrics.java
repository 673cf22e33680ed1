package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.nexus.oauth.event.Reading;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/** Gauges of the connections per provider and status. Every replica counts the same rows: query the maximum, not the sum. */
@Startup
@ApplicationScoped
class ConnectionMetrics {

    private final MultiGauge connections;
    private final MultiGauge ending;

    ConnectionMetrics(MeterRegistry registry) {
        this.connections = MultiGauge.builder("nexus.oauth.connections").register(registry);
        this.ending = MultiGauge.builder("nexus.oauth.grants.ending").register(registry);
    }

    /** After a live reload, a gauge that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        connections.register(List.of(), true);
        ending.register(List.of(), true);
    }

    void show(@Observes Reading.Connections latest) {
        connections.register(
                latest.counts().stream()
                        .<MultiGauge.Row<?>>map(each -> MultiGauge.Row.of(
                                Tags.of("provider", each.provider(), "status", each.status()), each.credentials()))
                        .toList(),
                true);
        ending.register(
                latest.ending().stream()
                        .<MultiGauge.Row<?>>map(each -> MultiGauge.Row.of(
                                Tags.of("provider", each.provider(), "within", each.within()), each.grants()))
                        .toList(),
                true);
    }
}
