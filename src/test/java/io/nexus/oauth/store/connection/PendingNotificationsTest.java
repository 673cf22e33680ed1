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

        assertThat(pending.take()).containsExactly(id);
        pending.add(id);
        assertThat(pending.take()).isEmpty();
        pending.sent();
        assertThat(pending.take()).containsExactly(id);
        pending.sent();
        assertThat(pending.take()).isEmpty();
    }

    @Test
    void keepsWhatCouldNotBeTold() {
        List<UUID> ids = Stream.generate(UUID::randomUUID).limit(3).toList();
        ids.forEach(pending::add);

        pending.failed(pending.take());

        assertThat(pending.take()).containsExactlyElementsOf(ids);
    }

    @Test
    void isBounded() {
        Stream.generate(UUID::randomUUID).limit(20_000).forEach(pending::add);

        assertThat(pending.size()).isEqualTo(10_000);
        assertThat(pending.take()).hasSize(1_000);
        assertThat(pending.size()).isEqualTo(9_000);
    }
}
