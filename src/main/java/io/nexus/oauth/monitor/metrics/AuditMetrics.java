package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nexus.oauth.event.AuditSignal;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/** Meters of the audit trail: its chain, alarms, dropped entries and denied calls. */
@ApplicationScoped
class AuditMetrics {

    private static final String PREFIX = "nexus.oauth.";
    private static final String DENIED = PREFIX + "denied.calls";

    private final MeterRegistry registry;
    private final List<Gauge> gauges;
    private volatile AuditSignal.Chain chain = new AuditSignal.Chain(0, 0);

    AuditMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.gauges = List.of(
                Gauge.builder(PREFIX + "audit.chain.head", () -> chain.head()).register(registry),
                Gauge.builder(PREFIX + "audit.unsealed", () -> chain.waiting()).register(registry));
        // the series start at zero, so that the first alarm is an increase
        for (String kind : List.of("credential_rolled_back", "chain_broken")) {
            registry.counter(PREFIX + "alarms", "kind", kind);
        }
        registry.counter(DENIED);
        for (String operation : List.of("token_handed_out", "token_exchanged", "access_denied")) {
            registry.counter(PREFIX + "audit.dropped", "operation", operation);
        }
    }

    /** After a live reload, a gauge that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        gauges.forEach(registry::remove);
    }

    void show(@Observes AuditSignal signal) {
        switch (signal) {
            case AuditSignal.Alarm alarm ->
                registry.counter(PREFIX + "alarms", "kind", alarm.kind()).increment();
            case AuditSignal.Dropped dropped ->
                registry.counter(PREFIX + "audit.dropped", "operation", dropped.operation())
                        .increment(dropped.times());
            case AuditSignal.Denied denied -> registry.counter(DENIED).increment();
            case AuditSignal.Chain latest -> chain = latest;
        }
    }
}
