package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.nexus.oauth.event.Reading;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Shows the latest readings as gauges. Labels are the providers of the catalogue and nothing else. */
@ApplicationScoped
public class ReadingMetrics {

    private static final String PREFIX = "nexus.oauth.";

    private final MeterRegistry registry;
    private final ConcurrentHashMap<String, Reading.Gate> gates = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Reading.Backlog> backlogs = new ConcurrentHashMap<>();
    private final Queue<Meter> shown = new ConcurrentLinkedQueue<>();
    private final Counter stalls;
    private volatile long lastTick = System.nanoTime();

    ReadingMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.stalls = registry.counter(PREFIX + "scheduler.stalls");
        shown.add(TimeGauge.builder(
                        PREFIX + "scheduler.last.tick.age", () -> System.nanoTime() - lastTick, TimeUnit.NANOSECONDS)
                .register(registry));
    }

    /** A gauge that stays registered would show this instance for ever after a live reload. */
    @PreDestroy
    void withdraw() {
        shown.forEach(registry::remove);
    }

    void show(@Observes Reading reading) {
        switch (reading) {
            case Reading.Gate gate -> {
                if (gates.put(gate.provider(), gate) == null) {
                    gauges(gate.provider());
                }
            }
            case Reading.Backlog backlog -> {
                if (backlogs.put(backlog.provider(), backlog) == null) {
                    backlogGauges(backlog.provider());
                }
            }
            case Reading.Keys keys -> {
                // shown by the keys' own meters, whose labels come and go
            }
            case Reading.Connections connections -> {
                // as the keys
            }
            case Reading.Beat beat -> {
                if (beat.stalled()) {
                    stalls.increment();
                } else {
                    lastTick = System.nanoTime();
                }
            }
        }
    }

    /** The code of what keeps a client of {@code provider} shut out, or null while none is. */
    public @Nullable String shutBy(String provider) {
        Reading.Gate gate = gates.get(provider);
        return gate != null && gate.circuit().equals("open") ? gate.reason() : null;
    }

    private void gauges(String provider) {
        gauge("provider.circuit", provider, gates, ReadingMetrics::circuit);
        gauge("provider.concurrency.limit", provider, gates, Reading.Gate::limit);
        gauge("refresh.in.flight", provider, gates, Reading.Gate::inFlight);
    }

    private void backlogGauges(String provider) {
        gauge("refresh.overdue", provider, backlogs, Reading.Backlog::overdue);
        shown.add(TimeGauge.builder(
                        PREFIX + "refresh.lag",
                        () -> latest(backlogs, provider, each -> each.lag().toMillis()),
                        TimeUnit.MILLISECONDS)
                .tag("provider", provider)
                .register(registry));
    }

    private <T> void gauge(
            String name, String provider, ConcurrentHashMap<String, T> readings, ToDoubleFunction<T> value) {
        shown.add(Gauge.builder(PREFIX + name, () -> latest(readings, provider, value))
                .tag("provider", provider)
                .register(registry));
    }

    private static <T> double latest(
            ConcurrentHashMap<String, T> readings, String provider, ToDoubleFunction<T> value) {
        T reading = readings.get(provider);
        return reading == null ? 0 : value.applyAsDouble(reading);
    }

    private static double circuit(Reading.Gate gate) {
        return switch (gate.circuit()) {
            case "open" -> 1;
            case "half_open" -> 0.5;
            default -> 0;
        };
    }
}
