package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A stopped scheduler; the test controls the time. */
@QuarkusTest
class SchedulerWatchdogTest extends TokenFixture {

    @Inject
    RefreshConfig config;

    @Inject
    RefreshScheduler scheduler;

    @Inject
    CancellationShield shield;

    @Inject
    Event<Reading> readings;

    private final AtomicLong now = new AtomicLong();

    @Test
    void sweepsInThePlaceOfASilentScheduler() {
        SchedulerWatchdog watch = new SchedulerWatchdog(config, readings, true, now::get);
        AtomicInteger sweeps = new AtomicInteger();
        double stalls = Api.metric("nexus_oauth_scheduler_stalls_total");

        pass(config.every().multipliedBy(3).minusNanos(1));
        watch.check(sweeps::incrementAndGet);
        assertThat(sweeps).hasValue(0);

        pass(Duration.ofNanos(1));
        watch.check(sweeps::incrementAndGet);
        pass(config.every());
        watch.check(sweeps::incrementAndGet);

        assertThat(sweeps).hasValue(2);
        assertThat(Api.metric("nexus_oauth_scheduler_stalls_total")).isEqualTo(stalls + 1);
        watch.ticked();
        watch.check(sweeps::incrementAndGet);
        assertThat(sweeps).hasValue(2);
        pass(config.every().multipliedBy(3));
        watch.check(sweeps::incrementAndGet);
        assertThat(Api.metric("nexus_oauth_scheduler_stalls_total")).isEqualTo(stalls + 2);
    }

    // a clock set back by an hour silenced every refresh for an hour
    @Test
    void refreshesThoughNoTickComes() {
        SchedulerWatchdog watch = new SchedulerWatchdog(config, readings, true, now::get);
        StoredCredential credential = expired("strict");

        pass(config.every().multipliedBy(3));
        watch.check(() -> shield.start(scheduler::sweep));

        Awaitility.await().until(() -> row(credential).version() == 2);
    }

    @Test
    void tickTellsThatItEnded() {
        await(scheduler.tick());

        assertThat(Api.metric("nexus_oauth_scheduler_last_tick_age_seconds"))
                .isPositive()
                .isLessThan(5);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
