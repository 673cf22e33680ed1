package io.nexus.oauth.connect;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Forgets connect sessions that ended long ago. */
@ApplicationScoped
class PurgeScheduler {

    private static final Logger LOG = Logger.getLogger(PurgeScheduler.class);

    /** A run that never ends would silence the job for ever. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

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
        return flow.purge()
                .ifNoItem()
                .after(DEADLINE)
                .fail()
                .onFailure()
                .invoke(e -> LOG.warnf("connect sessions wait for the next purge: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
