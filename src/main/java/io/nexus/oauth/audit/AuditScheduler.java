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

/** The regular work on the trail: writing what waits, sealing, deleting by age. A failure costs a turn. */
@ApplicationScoped
class AuditScheduler {

    private static final Logger LOG = Logger.getLogger(AuditScheduler.class);

    private static final int LAST_BATCH_SECONDS = 5;

    private final AuditRecorder recorder;
    private final ChainSealer sealer;
    private final Retention retention;

    AuditScheduler(AuditRecorder recorder, ChainSealer sealer, Retention retention) {
        this.recorder = recorder;
        this.sealer = sealer;
        this.retention = retention;
    }

    void started(@Observes StartupEvent event) {
        recorder.self("service_started");
    }

    /** Nobody is served any more: what waits is written now or lost. On the thread that ends the process, which may wait. */
    void stopped(@Observes @Priority(ShutdownOrder.STOP_BACKGROUND_WORK) ShutdownEvent event)
            throws InterruptedException {
        recorder.self("service_stopped");
        try {
            recorder.flush().subscribeAsCompletionStage().get(LAST_BATCH_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("%d lines of the audit trail could not be written at the end", recorder.size());
        }
    }

    @Scheduled(
            every = "10s",
            identity = "write-audit",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> write() {
        return ScheduledRun.of(LOG, "hand-outs", ScheduledRun.USUAL, recorder::flush);
    }

    @Scheduled(
            every = "5s",
            identity = "seal-audit",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> seal() {
        return ScheduledRun.of(LOG, "seals of the audit trail", ScheduledRun.USUAL, sealer::tick);
    }

    @Scheduled(
            every = "1h",
            delayed = "5m",
            identity = "purge-audit",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> purge() {
        return ScheduledRun.of(LOG, "old lines of the audit trail", ScheduledRun.USUAL, retention::run);
    }
}
