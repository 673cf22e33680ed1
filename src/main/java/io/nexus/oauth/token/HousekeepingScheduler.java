package io.nexus.oauth.token;

import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Runs the scheduled jobs beside the refresh: retries unconfirmed revocations and writes usage counts. */
@ApplicationScoped
class HousekeepingScheduler {

    private static final Logger LOG = Logger.getLogger(HousekeepingScheduler.class);
    private static final int REVOCATION_BATCH = 20;

    private final Revoker revoker;
    private final CancellationShield shield;
    private final UsageRecorder usage;

    HousekeepingScheduler(Revoker revoker, UsageRecorder usage, CancellationShield shield) {
        this.revoker = revoker;
        this.shield = shield;
        this.usage = usage;
    }

    @Scheduled(
            every = "15s",
            identity = "revoke-at-providers",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> revocations() {
        return ScheduledRun.of(
                LOG,
                "revocations",
                ScheduledRun.DEFAULT_LIMIT,
                () -> shield.run(() -> revoker.retryDue(REVOCATION_BATCH)));
    }

    @Scheduled(
            every = "10s",
            identity = "write-usage",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> usage() {
        return ScheduledRun.of(LOG, "usage counts", ScheduledRun.DEFAULT_LIMIT, usage::flush);
    }
}
