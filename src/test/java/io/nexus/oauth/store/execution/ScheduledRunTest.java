package io.nexus.oauth.store.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;

class ScheduledRunTest {

    private static final Logger LOG = Logger.getLogger(ScheduledRunTest.class);

    private static void take(Supplier<? extends Uni<?>> work) {
        assertThat(ScheduledRun.of(LOG, "works of a test", Duration.ofMillis(50), work)
                        .await()
                        .atMost(Duration.ofSeconds(60)))
                .isNull();
    }

    @Test
    void workThatFailsCostsOnlyItsTurn() {
        take(() -> Uni.createFrom().failure(new IllegalStateException("no")));
    }

    @Test
    void workThatCannotEvenBeginCostsOnlyItsTurn() {
        take(() -> {
            throw new IllegalStateException("no");
        });
    }

    @Test
    void workThatDoesNotEndIsCutOff() {
        AtomicBoolean cancelled = new AtomicBoolean();

        take(() -> Uni.createFrom().nothing().onCancellation().invoke(() -> cancelled.set(true)));

        assertThat(cancelled).isTrue();
    }
}
