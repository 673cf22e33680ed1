package io.nexus.oauth.connect;

import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Ends connect sessions that were interrupted, and deletes those that ended long ago. */
@ApplicationScoped
class PurgeScheduler {

    private static final Logger LOG = Logger.getLogger(PurgeScheduler.class);

    private final ConnectFlow flow;

    PurgeScheduler(ConnectFlow flow) {
        this.flow = flow;
    }

    @Scheduled(
            every = "10m",
            delayed = "1m",
            identity = "purge-connect-sessions",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> purge() {
        return ScheduledRun.of(
                LOG,
                "old connect sessions",
                ScheduledRun.DEFAULT_LIMIT,
                () -> flow.endInterrupted().chain(flow::purge));
    }
}
