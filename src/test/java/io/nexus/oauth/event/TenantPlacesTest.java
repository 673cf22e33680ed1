package io.nexus.oauth.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.TenantId;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TenantPlacesTest {

    private final TenantPlaces places = new TenantPlaces(100);

    @Test
    void aTenantTakesHalfAndAnotherHalfOfTheRest() {
        assertThat(taken("hostile", 1_000)).isEqualTo(50);
        assertThat(taken("other", 1_000)).isEqualTo(25);
        assertThat(taken("third", 1_000)).isEqualTo(13);
        assertThat(taken("hostile", 1)).isZero();

        places.free(new TenantId("other"));

        assertThat(taken("hostile", 1)).isZero();
        assertThat(taken("fourth", 1)).isEqualTo(1);
        assertThat(places.size()).isEqualTo(88);
    }

    @Test
    void allThatWereTakenCanBeFreed() {
        int taken = taken("one", 1_000);
        IntStream.range(0, taken).forEach(i -> places.free(new TenantId("one")));

        assertThat(places.size()).isZero();
        assertThat(taken("one", 1_000)).isEqualTo(taken);
    }

    @Test
    void manyTenantsAtOnceNeverExceedTheCapacity() {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            IntStream.range(0, 10_000).forEach(i -> threads.execute(() -> places.take(new TenantId("tenant-" + i))));
        }
        assertThat(places.size()).isEqualTo(100);
    }

    private int taken(String tenant, int wanted) {
        return (int) IntStream.range(0, wanted)
                .filter(i -> places.take(new TenantId(tenant)))
                .count();
    }
}
