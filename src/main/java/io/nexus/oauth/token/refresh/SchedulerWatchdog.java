package io.nexus.oauth.token.refresh;

import io.nexus.oauth.event.Reading;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Checks that the refresh schedule runs. The scheduler compares wall-clock times, so it stops for as long as the clock is set
 * back, and also while a tick does not end. The watchdog uses the monotonic clock, and runs the sweep itself while the
 * scheduler is stopped. It leaves a scheduler alone that the configuration disables or halts.
 */
@ApplicationScoped
class SchedulerWatchdog {

    private static final Logger LOG = Logger.getLogger(SchedulerWatchdog.class);
    private static final int MAX_MISSED_TICKS = 3;

    private final RefreshConfig config;
    private final Event<Reading> readings;
    private final boolean scheduled;
    private final LongSupplier nanos;

    private volatile long lastTick;
    private volatile boolean stalled;

    @Inject
    SchedulerWatchdog(
            RefreshConfig config,
            Event<Reading> readings,
            @ConfigProperty(name = "quarkus.scheduler.enabled", defaultValue = "true") boolean enabled,
            @ConfigProperty(name = "quarkus.scheduler.start-mode", defaultValue = "normal") String startMode) {
        this(config, readings, enabled && !startMode.equals("halted"), System::nanoTime);
    }

    SchedulerWatchdog(RefreshConfig config, Event<Reading> readings, boolean scheduled, LongSupplier nanos) {
        this.config = config;
        this.readings = readings;
        this.scheduled = scheduled;
        this.nanos = nanos;
        this.lastTick = nanos.getAsLong();
    }

    /** From now on runs {@code sweep} whenever three ticks in a row are missing. */
    void start(Vertx vertx, Runnable sweep) {
        ticked();
        if (scheduled) {
            vertx.setPeriodic(Math.max(1, config.every().toMillis()), ignored -> check(sweep));
        }
    }

    /** Records the end of a tick. */
    void ticked() {
        lastTick = nanos.getAsLong();
        if (stalled) {
            stalled = false;
            LOG.info("The refresh schedule runs again");
        }
        readings.fire(new Reading.SchedulerHeartbeat(false));
    }

    void check(Runnable sweep) {
        long silence = nanos.getAsLong() - lastTick;
        if (silence < MAX_MISSED_TICKS * config.every().toNanos()) {
            return;
        }
        if (!stalled) {
            stalled = true;
            LOG.warnf(
                    "The refresh schedule has not run for %d s (was the clock set back?). The watchdog refreshes due"
                            + " credentials meanwhile",
                    silence / 1_000_000_000);
            readings.fire(new Reading.SchedulerHeartbeat(true));
        }
        sweep.run();
    }
}
