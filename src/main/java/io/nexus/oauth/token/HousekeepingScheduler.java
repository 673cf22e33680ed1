package io.nexus.oauth.token;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/** The regular work beside refreshing: revocations that the provider has not confirmed, and usage counts. */
@ApplicationScoped
class HousekeepingScheduler {

    private static final Logger LOG = Logger.getLogger(HousekeepingScheduler.class);
    private static final int REVOCATIONS = 20;

    /** A run that never ends would silence the job for ever. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final Revoker revoker;
    private final Detached detached;
    private final UsageRecorder usage;

    HousekeepingScheduler(Revoker revoker, UsageRecorder usage, Detached detached) {
        this.revoker = revoker;
        this.detached = detached;
        this.usage = usage;
    }

    @Scheduled(
            every = "15s",
            identity = "revoke-at-providers",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> revocations() {
        return quietly(
                "revocations", detached.run(() -> revoker.retryDue(REVOCATIONS)).replaceWithVoid());
    }

    @Scheduled(
            every = "10s",
            identity = "write-usage",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> usage() {
        return quietly("usage counts", usage.flush());
    }

    private static Uni<Void> quietly(String what, Uni<Void> work) {
        return work.ifNoItem()
                .after(DEADLINE)
                .fail()
                .onFailure()
                .invoke(e -> LOG.warnf("%s wait for their next turn: %s", what, e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
