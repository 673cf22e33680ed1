package io.nexus.oauth.token;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** The regular work beside refreshing: revocations that the provider has not confirmed, and usage counts. */
@ApplicationScoped
class HousekeepingScheduler {

    private static final Logger LOG = Logger.getLogger(HousekeepingScheduler.class);
    private static final int REVOCATIONS = 20;

    private final Revoker revoker;
    private final UsageRecorder usage;

    HousekeepingScheduler(Revoker revoker, UsageRecorder usage) {
        this.revoker = revoker;
        this.usage = usage;
    }

    @Scheduled(
            every = "15s",
            identity = "revoke-at-providers",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> revocations() {
        return quietly("revocations", revoker.retryDue(REVOCATIONS).replaceWithVoid());
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
        return work.onFailure()
                .invoke(e -> LOG.warnf("%s wait for their next turn: %s", what, e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
