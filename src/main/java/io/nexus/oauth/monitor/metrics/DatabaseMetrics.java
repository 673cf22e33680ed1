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
 * Whether the database answers: without it nobody gets a token, and a replica that is not ready for that reason gets no request that
 * could fail and be counted.
 */
@Startup
@ApplicationScoped
class DatabaseMetrics {

    private static final Logger LOG = Logger.getLogger(DatabaseMetrics.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final DatabaseProbe probe;
    private final MeterRegistry registry;
    private final Gauge shown;

    /** Not a number until the first look. */
    private volatile double up = Double.NaN;

    DatabaseMetrics(DatabaseProbe probe, MeterRegistry registry) {
        this.probe = probe;
        this.registry = registry;
        this.shown = Gauge.builder("nexus.oauth.database.up", () -> up).register(registry);
    }

    /** A gauge that stays registered would show this instance for ever after a live reload. */
    @PreDestroy
    void withdraw() {
        registry.remove(shown);
    }

    /** Looks. Never fails, does not block. */
    @Scheduled(
            every = "5s",
            identity = "look-at-database",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> look() {
        return ScheduledRun.of(
                LOG,
                "looks at the database",
                PATIENCE.multipliedBy(2),
                () -> probe.ping()
                        .ifNoItem()
                        .after(PATIENCE)
                        .fail()
                        .onItemOrFailure()
                        .invoke((nothing, failure) -> up = failure == null ? 1 : 0));
    }
}
