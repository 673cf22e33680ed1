package io.nexus.oauth.store.keys;

import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.connection.Database;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Announces replicas of a test, as they do themselves. */
public final class Announcements {

    private final ReplicaStore store;

    /** In {@code database}. */
    public Announcements(Database database) {
        this.store = new ReplicaStore(database);
    }

    /** The replica {@code id} announces itself; blocks. */
    public void announce(String id, String place, ChangeFeed.@Nullable Replay replay) {
        announce(id, place, replay, true);
    }

    /** The same before it may have looked at the database; blocks. */
    public void announce(String id, String place, ChangeFeed.@Nullable Replay replay, boolean knowsCopy) {
        store.announce(new ReplicaStore.Holding(id, Set.of("k"), "k", Set.of()), null, place, true, replay, knowsCopy)
                .await()
                .atMost(Duration.ofSeconds(20));
    }

    /** The replica {@code id} stops; blocks. */
    public void leave(String id) {
        store.leave(id, Set.of()).await().atMost(Duration.ofSeconds(20));
    }
}
