package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nexus.oauth.store.connection.DatabaseProbe;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.runtime.Startup;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * A gauge of whether the database answers. Without the database no caller gets a token. An unready replica gets no requests,
 * so the failures of requests do not show this.
 */
@Startup
@ApplicationScoped
class DatabaseMetrics {

    private static final Logger LOG = Logger.getLogger(DatabaseMetrics.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final DatabaseProbe probe;
    private final MeterRegistry registry;
    private final Gauge gauge;

    /** NaN until the first ping. */
    private volatile double up = Double.NaN;

    DatabaseMetrics(DatabaseProbe probe, MeterRegistry registry) {
        this.probe = probe;
        this.registry = registry;
        this.gauge = Gauge.builder("nexus.oauth.database.up", () -> up).register(registry);
    }

    /** After a live reload, a gauge that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        registry.remove(gauge);
    }

    /** Pings the database. Never fails, does not block. */
    @Scheduled(
            every = "5s",
            identity = "look-at-database",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> ping() {
        return ScheduledRun.of(
                LOG,
                "pings of the database",
                TIMEOUT.multipliedBy(2),
                () -> probe.ping()
                        .ifNoItem()
                        .after(TIMEOUT)
                        .fail()
                        .onItemOrFailure()
                        .invoke((nothing, failure) -> up = failure == null ? 1 : 0));
    }
}
