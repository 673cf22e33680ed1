package io.nexus.oauth.store.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PendingNotificationsTest {

    private final PendingNotifications untold = new PendingNotifications();

    @Test
    void tellsEachOnceOneBatchAtATime() {
        UUID id = UUID.randomUUID();
        untold.add(id);
        untold.add(id);

        assertThat(untold.take()).containsExactly(id);
        untold.add(id);
        assertThat(untold.take()).isEmpty();
        untold.told();
        assertThat(untold.take()).containsExactly(id);
        untold.told();
        assertThat(untold.take()).isEmpty();
    }

    @Test
    void keepsWhatCouldNotBeTold() {
        List<UUID> ids = Stream.generate(UUID::randomUUID).limit(3).toList();
        ids.forEach(untold::add);

        untold.notTold(untold.take());

        assertThat(untold.take()).containsExactlyElementsOf(ids);
    }

    @Test
    void isBounded() {
        Stream.generate(UUID::randomUUID).limit(20_000).forEach(untold::add);

        assertThat(untold.size()).isEqualTo(10_000);
        assertThat(untold.take()).hasSize(1_000);
        assertThat(untold.size()).isEqualTo(9_000);
    }
}
