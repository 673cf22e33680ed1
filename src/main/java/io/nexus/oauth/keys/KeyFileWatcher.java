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

/** Reads the key files again at intervals, off the event loop, and logs the changes. */
@ApplicationScoped
class KeyFileWatcher {

    private static final Logger LOG = Logger.getLogger(KeyFileWatcher.class);

    /** How long a removed key stays in memory at least: longer than storing a secret that was sealed under it usually takes. */
    private static final long MIN_RETENTION = Duration.ofMinutes(2).toNanos();

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

    /**
     * Reads the files when the interval is over, or at once when a secret needed an unknown key. Call at most once a second.
     */
    Uni<Void> rereadWhenDue() {
        long now = System.nanoTime();
        if (now - readAt < every && !keyring.isUnknownKeyRequested()) {
            return Uni.createFrom().voidItem();
        }
        readAt = now;
        return vertx.executeBlocking(keyring::reread, false).invoke(this::log).replaceWithVoid();
    }

    /** Drops the keys that were removed from the files before {@code counted} (monotonic) and that no row {@code refers} to. */
    void dropUnused(long counted, Predicate<String> refers) {
        for (String id : keyring.kept()) {
            Long since = vanishedAt.get(id);
            if (refers.test(id)) {
                LOG.errorf(
                        "Master key %s is in no key file but still in use. Restore its file before this process ends",
                        id);
            } else if (since != null && counted - since > MIN_RETENTION) {
                keyring.forget(id);
                vanishedAt.remove(id);
                LOG.infof("Master key %s is no longer in use and was dropped from memory", id);
            }
        }
    }

    private void log(LiveKeyring.Change change) {
        change.problem()
                .ifPresent(problem ->
                        LOG.errorf("The key files cannot be used; the previous keys stay active: %s", problem));
        change.added().forEach(id -> LOG.infof("Master key %s was added and can open secrets now", id));
        for (String id : change.vanished()) {
            vanishedAt.put(id, System.nanoTime());
            LOG.warnf("Master key %s was removed from the key files. It stays in memory while it is in use", id);
        }
    }
}
