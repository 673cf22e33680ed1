package io.nexus.oauth.store.execution;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * One turn of a scheduled job: a failure costs that turn and no more. A scheduler that skips a job while it runs would never run it
 * again after one that does not end, so every turn has an end.
 */
public final class ScheduledRun {

    /** For jobs that work through a bounded batch. */
    public static final Duration USUAL = Duration.ofMinutes(5);

    private ScheduledRun() {}

    /**
     * Does {@code work} and never fails: what went wrong, or did not end within {@code limit}, is a warning in {@code log}. Does not
     * block.
     *
     * @param what is told to have waited, as a plural: "usage counts"
     */
    public static Uni<Void> of(Logger log, String what, Duration limit, Supplier<? extends Uni<?>> work) {
        return Uni.createFrom()
                .deferred(() -> work.get().replaceWithVoid())
                .ifNoItem()
                .after(limit)
                .fail()
                .onFailure()
                .invoke(e -> log.warnf("%s wait for their next turn: %s", what, e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
