package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nexus.oauth.store.journal.SpillJournal;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Gauges of the journal: unsettled entries, used space, and whether it can be written. */
@Startup
@ApplicationScoped
class JournalMetrics {

    private static final String PREFIX = "nexus.oauth.journal.";

    private final MeterRegistry registry;
    private final SpillJournal journal;
    private final List<Meter> meters;

    JournalMetrics(MeterRegistry registry, SpillJournal journal) {
        this.registry = registry;
        this.journal = journal;
        this.meters = List.of(
                gauge("unsettled", SpillJournal.Status::unsettled),
                gauge("used.ratio", SpillJournal.Status::usedShare),
                gauge("writable", status -> status.writable() ? 1 : 0));
    }

    /** After a live reload, a gauge that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        meters.forEach(registry::remove);
    }

    private Meter gauge(String name, ToDoubleFunction<SpillJournal.Status> value) {
        return Gauge.builder(PREFIX + name, () -> value.applyAsDouble(journal.status()))
                .register(registry);
    }
}
