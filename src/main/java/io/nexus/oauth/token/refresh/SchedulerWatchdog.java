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
 * Watches that the schedule ticks. The scheduler compares wall clocks, so a clock that is set back silences it for as long, and so
 * does a tick that never ends; this counts on the monotonic clock, and sweeps in the scheduler's place while it is silent.
 */
@ApplicationScoped
class SchedulerWatchdog {

    private static final Logger LOG = Logger.getLogger(SchedulerWatchdog.class);
    private static final int MISSED = 3;

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
            @ConfigProperty(name = "quarkus.scheduler.enabled", defaultValue = "true") boolean scheduled) {
        this(config, readings, scheduled, System::nanoTime);
    }

    SchedulerWatchdog(RefreshConfig config, Event<Reading> readings, boolean scheduled, LongSupplier nanos) {
        this.config = config;
        this.readings = readings;
        this.scheduled = scheduled;
        this.nanos = nanos;
        this.lastTick = nanos.getAsLong();
    }

    /** From now on {@code sweep} runs whenever a tick is missing for too long. */
    void start(Vertx vertx, Runnable sweep) {
        ticked();
        if (scheduled) {
            vertx.setPeriodic(Math.max(1, config.every().toMillis()), ignored -> check(sweep));
        }
    }

    /** The scheduler's tick ended. */
    void ticked() {
        lastTick = nanos.getAsLong();
        if (stalled) {
            stalled = false;
            LOG.info("the schedule ticks again");
        }
        readings.fire(new Reading.Beat(false));
    }

    void check(Runnable sweep) {
        long silence = nanos.getAsLong() - lastTick;
        if (silence < MISSED * config.every().toNanos()) {
            return;
        }
        if (!stalled) {
            stalled = true;
            LOG.warnf(
                    "no tick of the schedule ended for %d s (was the clock set back?): due credentials are swept without it",
                    silence / 1_000_000_000);
            readings.fire(new Reading.Beat(true));
        }
        sweep.run();
    }
}
