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

/** Gauges of the latest readings. The only labels are the providers of the catalogue. */
@ApplicationScoped
public class ReadingMetrics {

    private static final String PREFIX = "nexus.oauth.";

    private final MeterRegistry registry;
    private final ConcurrentHashMap<String, Reading.ClientLimits> limiters = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Reading.Backlog> backlogs = new ConcurrentHashMap<>();
    private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();
    private final Counter stalls;
    private volatile long lastTick = System.nanoTime();

    ReadingMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.stalls = registry.counter(PREFIX + "scheduler.stalls");
        meters.add(TimeGauge.builder(
                        PREFIX + "scheduler.last.tick.age", () -> System.nanoTime() - lastTick, TimeUnit.NANOSECONDS)
                .register(registry));
    }

    /** After a live reload, a gauge that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        meters.forEach(registry::remove);
    }

    void show(@Observes Reading reading) {
        switch (reading) {
            case Reading.ClientLimits limits -> {
                if (limiters.put(limits.provider(), limits) == null) {
                    gauges(limits.provider());
                }
            }
            case Reading.Backlog backlog -> {
                if (backlogs.put(backlog.provider(), backlog) == null) {
                    backlogGauges(backlog.provider());
                }
            }
            case Reading.Keys keys -> {
                // KeyMetrics shows these, because their labels change
            }
            case Reading.Connections connections -> {
                // ConnectionMetrics shows these
            }
            case Reading.SchedulerHeartbeat beat -> {
                if (beat.stalled()) {
                    stalls.increment();
                } else {
                    lastTick = System.nanoTime();
                }
            }
        }
    }

    /** The code of the failure that opened the circuit of a client of {@code provider}, or null while no circuit is open. */
    public @Nullable String openCircuitReason(String provider) {
        Reading.ClientLimits limits = limiters.get(provider);
        return limits != null && limits.circuit().equals("open") ? limits.reason() : null;
    }

    private void gauges(String provider) {
        gauge("provider.circuit", provider, limiters, ReadingMetrics::circuit);
        gauge("provider.concurrency.limit", provider, limiters, Reading.ClientLimits::limit);
        gauge("refresh.in.flight", provider, limiters, Reading.ClientLimits::inFlight);
    }

    private void backlogGauges(String provider) {
        gauge("refresh.overdue", provider, backlogs, Reading.Backlog::overdue);
        meters.add(TimeGauge.builder(
                        PREFIX + "refresh.lag",
                        () -> latest(backlogs, provider, each -> each.lag().toMillis()),
                        TimeUnit.MILLISECONDS)
                .tag("provider", provider)
                .register(registry));
    }

    private <T> void gauge(
            String name, String provider, ConcurrentHashMap<String, T> readings, ToDoubleFunction<T> value) {
        meters.add(Gauge.builder(PREFIX + name, () -> latest(readings, provider, value))
                .tag("provider", provider)
                .register(registry));
    }

    private static <T> double latest(
            ConcurrentHashMap<String, T> readings, String provider, ToDoubleFunction<T> value) {
        T reading = readings.get(provider);
        return reading == null ? 0 : value.applyAsDouble(reading);
    }

    private static double circuit(Reading.ClientLimits limits) {
        return switch (limits.circuit()) {
            case "open" -> 1;
            case "half_open" -> 0.5;
            default -> 0;
        };
    }
}
