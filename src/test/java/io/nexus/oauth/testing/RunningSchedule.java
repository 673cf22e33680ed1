package io.nexus.oauth.testing;

import io.quarkus.arc.Arc;
import io.quarkus.scheduler.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test of this kind needs the scheduled jobs of the shared service, which stand still for all others. */
public interface RunningSchedule {

    /** Lets the jobs run. */
    @BeforeEach
    default void resumeSchedule() {
        Arc.container().instance(Scheduler.class).get().resume();
    }

    /** Starts no further job. */
    @AfterEach
    default void pauseSchedule() {
        Arc.container().instance(Scheduler.class).get().pause();
    }
}
