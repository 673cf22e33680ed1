package io.nexus.oauth.keys;

import io.nexus.oauth.crypto.KeyringConfig;
import io.nexus.oauth.crypto.LiveKeyring;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/** Reads the key files again, off the event loop, and says what changed. */
@ApplicationScoped
class KeyFileWatcher {

    private static final Logger LOG = Logger.getLogger(KeyFileWatcher.class);

    /** Longer than anything that was sealed under a key is on its way into the database in plain times. */
    private static final long SETTLED = Duration.ofMinutes(2).toNanos();

    private final LiveKeyring keyring;
    private final Vertx vertx;
    private final long every;
    private final Map<String, Long> vanishedAt = new ConcurrentHashMap<>();
    private volatile long readAt = System.nanoTime();

    KeyFileWatcher(LiveKeyring keyring, Vertx vertx, KeyringConfig config) {
        this.keyring = keyring;
        this.vertx = vertx;
        this.every = config.rereadEvery().toNanos();
    }

    /** Reads the files when it is time, or at once when a key was missed. To be called once a second at most. */
    Uni<Void> look() {
        long now = System.nanoTime();
        if (now - readAt < every && !keyring.isMissed()) {
            return Uni.createFrom().voidItem();
        }
        readAt = now;
        return vertx.executeBlocking(keyring::reread, false).invoke(this::tell).replaceWithVoid();
    }

    /** Drops the keys that vanished before {@code counted} (monotonic) and to which nothing {@code refers}. */
    void release(long counted, Predicate<String> refers) {
        for (String id : keyring.kept()) {
            Long since = vanishedAt.get(id);
            if (refers.test(id)) {
                LOG.errorf(
                        "key %s is in no file, and something refers to it: put it back before this process ends", id);
            } else if (since != null && counted - since > SETTLED) {
                keyring.forget(id);
                vanishedAt.remove(id);
                LOG.infof("nothing refers to key %s any more: it is forgotten", id);
            }
        }
    }

    private void tell(LiveKeyring.Change change) {
        change.problem()
                .ifPresent(
                        problem -> LOG.errorf("the keys in the files cannot be used, the old ones stay: %s", problem));
        change.added().forEach(id -> LOG.infof("key %s is in the files: it opens now", id));
        for (String id : change.vanished()) {
            vanishedAt.put(id, System.nanoTime());
            LOG.warnf("key %s is in no file any more: it stays in memory while something refers to it", id);
        }
    }
}
