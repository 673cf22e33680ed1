package io.nexus.oauth.store.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PendingNotificationsTest {

    private final PendingNotifications pending = new PendingNotifications();

    @Test
    void tellsEachOnceOneBatchAtATime() {
        UUID id = UUID.randomUUID();
        pending.add(id);
        pending.add(id);

        assertThat(pending.take()).containsExactly(id.toString());
        pending.add(id);
        assertThat(pending.take()).isEmpty();
        pending.sent();
        assertThat(pending.take()).containsExactly(id.toString());
        pending.sent();
        assertThat(pending.take()).isEmpty();
    }

    @Test
    void keepsWhatCouldNotBeTold() {
        List<UUID> ids = Stream.generate(UUID::randomUUID).limit(3).toList();
        ids.forEach(pending::add);

        pending.failed(pending.take());

        assertThat(pending.take())
                .containsExactlyElementsOf(ids.stream().map(UUID::toString).toList());
    }

    @Test
    void keepsTenThousand() {
        Stream.generate(UUID::randomUUID).limit(10_000).forEach(pending::add);

        assertThat(pending.size()).isEqualTo(10_000);
        assertThat(pending.take()).hasSize(1_000);
        assertThat(pending.size()).isEqualTo(9_000);
    }

    /** Nobody keeps an old copy because somebody else changed more than fits. */
    @Test
    void oneStandsForAllWhenThereAreMore() {
        Stream.generate(UUID::randomUUID).limit(20_000).forEach(pending::add);

        assertThat(pending.size()).isEqualTo(1);
        pending.failed(pending.take());
        assertThat(pending.take()).containsExactly(PendingNotifications.TOO_MANY);
        pending.sent();
        UUID next = UUID.randomUUID();
        pending.add(next);
        assertThat(pending.take()).containsExactly(next.toString());
    }

    @Test
    void oneThatCouldNotBeToldStandsForAllAgain() {
        Stream.generate(UUID::randomUUID).limit(20_000).forEach(pending::add);
        List<String> all = pending.take();
        pending.add(UUID.randomUUID());

        pending.failed(all);

        assertThat(pending.take()).containsExactly(PendingNotifications.TOO_MANY);
    }
}
