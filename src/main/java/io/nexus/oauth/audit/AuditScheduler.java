package io.nexus.oauth.audit;

import io.nexus.oauth.event.ShutdownOrder;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Runs the scheduled jobs of the audit trail: writing, sealing and retention. A failed run is repeated at the next
 * interval.
 */
@ApplicationScoped
class AuditScheduler {

    private static final Logger LOG = Logger.getLogger(AuditScheduler.class);

    private static final int SHUTDOWN_SECONDS = 5;

    private final AuditRecorder recorder;
    private final ChainSealer sealer;
    private final Retention retention;

    AuditScheduler(AuditRecorder recorder, ChainSealer sealer, Retention retention) {
        this.recorder = recorder;
        this.sealer = sealer;
        this.retention = retention;
    }

    void started(@Observes StartupEvent event) {
        recorder.recordServiceEvent("service_started");
    }

    /**
     * Writes the waiting records at shut-down, after the last request; otherwise they would be lost. Blocks for up to
     * {@value #SHUTDOWN_SECONDS} seconds.
     */
    void stopped(@Observes @Priority(ShutdownOrder.STOP_BACKGROUND_WORK) ShutdownEvent event)
            throws InterruptedException {
        recorder.recordServiceEvent("service_stopped");
        try {
            recorder.flush().subscribeAsCompletionStage().get(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("%d audit records could not be written at shut-down and are lost", recorder.size());
        }
    }

    @Scheduled(
            every = "10s",
            identity = "write-audit",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> write() {
        return ScheduledRun.of(LOG, "audit records", ScheduledRun.DEFAULT_LIMIT, recorder::flush);
    }

    @Scheduled(
            every = "5s",
            identity = "seal-audit",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> seal() {
        return ScheduledRun.of(LOG, "seals of audit records", ScheduledRun.DEFAULT_LIMIT, sealer::tick);
    }

    @Scheduled(
            every = "1h",
            delayed = "5m",
            identity = "purge-audit",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> purge() {
        return ScheduledRun.of(LOG, "expired audit records", ScheduledRun.DEFAULT_LIMIT, retention::run);
    }
}
