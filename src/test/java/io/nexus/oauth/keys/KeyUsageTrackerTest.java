package io.nexus.oauth.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.store.keys.ReplicaStore.Holding;
import io.nexus.oauth.store.keys.ReplicaStore.Replica;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyUsageTrackerTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final KeyUsageTracker usage = new KeyUsageTracker();

    @Test
    void nothingIsKnownBeforeSomethingWasHeard() {
        assertThat(usage.isUnchangedSince(SECOND)).isFalse();
        usage.observe(List.of(), 0);
        assertThat(usage.isUnchangedSince(0)).isFalse();
        assertThat(usage.isUnchangedSince(1)).isTrue();
    }

    // it changed, and changed back, between two times that it was heard
    @Test
    void changeThatWasOverBeforeItWasHeardCounts() {
        usage.observe(List.of(replica(true, Duration.ofMinutes(5), Set.of())), 0);
        usage.observe(List.of(replica(true, Duration.ofSeconds(4), Set.of())), 15 * SECOND);

        assertThat(usage.isUnchangedSince(10 * SECOND)).isFalse();
        assertThat(usage.isUnchangedSince(12 * SECOND)).isTrue();
    }

    // the journal entry is a row now, or belonged to a replica that is gone
    @Test
    void keyThatWentOutOfUseCountsFromThen() {
        usage.observe(List.of(replica(false, Duration.ofHours(1), Set.of("old"))), 0);
        usage.observe(List.of(replica(false, Duration.ofHours(1), Set.of("old"))), 10 * SECOND);
        assertThat(usage.isUnchangedSince(SECOND)).isTrue();

        usage.observe(List.of(), 20 * SECOND);

        assertThat(usage.isUnchangedSince(9 * SECOND)).isFalse();
        assertThat(usage.isUnchangedSince(11 * SECOND)).isTrue();
    }

    private static Replica replica(boolean live, Duration sealingFor, Set<String> journal) {
        return new Replica(new Holding("one", Set.of("young"), "young", journal), live, Instant.EPOCH, sealingFor);
    }
}
