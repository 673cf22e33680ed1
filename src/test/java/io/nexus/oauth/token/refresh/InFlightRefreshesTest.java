package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InFlightRefreshesTest {

    private final InFlightRefreshes inFlight = new InFlightRefreshes();

    @Test
    void eachRequestGetsHalfOfWhatIsFree() {
        assertThat(inFlight.take(1_000)).isEqualTo(96);
        assertThat(inFlight.take(1_000)).isEqualTo(48);
        assertThat(inFlight.take(5)).isEqualTo(5);
        assertThat(inFlight.share()).isEqualTo(22);
        inFlight.free(149);
        assertThat(inFlight.count()).isZero();
    }

    @Test
    void manyThreadsNeverExceedTheLimit() {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            IntStream.range(0, 10_000).forEach(i -> threads.execute(() -> inFlight.take(3)));
        }
        assertThat(inFlight.count()).isEqualTo(InFlightRefreshes.MAX);
        assertThat(inFlight.take(1)).isZero();
    }
}
