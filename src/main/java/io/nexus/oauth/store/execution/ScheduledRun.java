package io.nexus.oauth.store.execution;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * One run of a scheduled job. A failure affects only this run. Every run has a time limit, because the scheduler skips
 * a job while it runs and would never start it again after a run without end.
 */
public final class ScheduledRun {

    /** The limit for jobs that process a bounded batch. */
    public static final Duration DEFAULT_LIMIT = Duration.ofMinutes(5);

    private ScheduledRun() {}

    /**
     * Runs {@code work} and never fails: a failure, or a run longer than {@code limit}, is logged as a warning to
     * {@code log}. Does not block.
     *
     * @param what the name of the job in the warning, for example "usage counts"
     */
    public static Uni<Void> of(Logger log, String what, Duration limit, Supplier<? extends Uni<?>> work) {
        return Uni.createFrom()
                .deferred(() -> work.get().replaceWithVoid())
                .ifNoItem()
                .after(limit)
                .fail()
                .onFailure()
                .invoke(e -> log.warnf(
                        "Scheduled job '%s' failed and retries at its next interval: %s", what, e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
