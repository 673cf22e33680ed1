package io.nexus.oauth.store;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgNotification;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells other replicas of changes and hears of theirs (LISTEN/NOTIFY), on one connection of its own outside the pools. A notification
 * is a hint and can be lost with the connection, so the feed says whether it is proven alive: what is remembered may be trusted only
 * while it is, and has to be forgotten whenever it came back.
 */
@ApplicationScoped
public class ChangeFeed {

    private static final String CHANNEL = "nexus_oauth_credentials";

    /** Tells everybody at commit; for rare changes only, as it serialises commits. */
    static final String TELL = "pg_notify('" + CHANNEL + "', c.credential_id::text)::text AS told";

    private static final String TELL_ALL =
            "SELECT pg_notify('" + CHANNEL + "', id::text) FROM unnest('{%s}'::uuid[]) AS id";

    private static final Logger LOG = Logger.getLogger(ChangeFeed.class);
    private static final long PING_MS = 3_000;
    private static final long FIRST_RETRY_MS = 200;
    private static final long LAST_RETRY_MS = 5_000;

    /**
     * Seconds without a byte from the server after which the connection is closed. Pings are answered more often than that, so it
     * ends a half-open socket, which nothing else notices, and a connection that never gets ready.
     */
    private static final int SILENCE_S = 6;

    /** Longer than a ping's round, shorter than anybody would call a cache stale. */
    private static final long PROVEN_FOR = TimeUnit.SECONDS.toNanos(6);

    private final Vertx vertx;
    private final Supplier<@Nullable PgConnectOptions> target;
    private final Untold untold = new Untold();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable PgConnection connection;
    private volatile long provenAt = System.nanoTime() - PROVEN_FOR;
    private volatile boolean stopped;
    private volatile long retryMs = FIRST_RETRY_MS;

    @Inject
    ChangeFeed(Vertx vertx, BoundedPool pool, Instance<Pool> started) {
        this(vertx, () -> {
            started.get().size(); // the pool's creator has the options only after the pool is made
            return pool.connectOptions();
        });
    }

    ChangeFeed(Vertx vertx, Supplier<@Nullable PgConnectOptions> target) {
        this.vertx = vertx;
        this.target = target;
    }

    /** What listeners are told, on an event loop: they must not block. */
    public interface Listener {
        /** The credential {@code id} changed. */
        void changed(UUID id);

        /** Changes may have been missed. */
        void missed();
    }

    /** Adds a listener. */
    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** Whether every change up to some seconds ago was heard of. */
    public boolean isProven() {
        return System.nanoTime() - provenAt < PROVEN_FOR;
    }

    /**
     * Tells the other replicas, soon, that the credential {@code id} changed; after that is committed. Does not wait and never fails:
     * losing it costs freshness only.
     */
    public void tell(UUID id) {
        untold.add(id);
        tellNext();
    }

    void start(@Observes StartupEvent event) {
        connect();
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
        PgConnection open = connection;
        if (open != null) {
            open.close();
        }
    }

    private void connect() {
        PgConnectOptions options = target.get();
        if (stopped || options == null) {
            return;
        }
        options.setReadIdleTimeout(SILENCE_S);
        // nobody waits for the disk because of a hint
        options.addProperty("synchronous_commit", "off");
        PgConnection.connect(vertx, options).onComplete(this::opened, this::failed);
    }

    private void opened(PgConnection open) {
        if (stopped) {
            open.close();
            return;
        }
        open.exceptionHandler(failure -> LOG.debugf("no longer listening: %s", failure.getMessage()));
        open.notificationHandler(this::notified);
        open.closeHandler(ignored -> closed());
        open.query("LISTEN " + CHANNEL).execute().onComplete(ignored -> listening(open), failure -> open.close());
    }

    private void listening(PgConnection open) {
        if (stopped) {
            open.close();
            return;
        }
        connection = open;
        retryMs = FIRST_RETRY_MS;
        listeners.forEach(Listener::missed);
        provenAt = System.nanoTime();
        pingLater(open);
        tellNext();
    }

    private void pingLater(PgConnection open) {
        vertx.setTimer(PING_MS, ignored -> ping(open));
    }

    /** A server that hangs does not answer: then the silence ends the connection. */
    private void ping(PgConnection open) {
        if (stopped) {
            open.close();
            return;
        }
        long asked = System.nanoTime();
        open.query("SELECT 1")
                .execute()
                .onComplete(
                        ignored -> {
                            provenAt = asked;
                            pingLater(open);
                        },
                        failure -> open.close());
    }

    /** One statement at a time, for all that came up during the one before. */
    private void tellNext() {
        PgConnection open = connection;
        if (open == null) {
            return; // listening() comes back to it
        }
        List<UUID> ids = untold.take();
        if (ids.isEmpty()) {
            return;
        }
        open.query(TELL_ALL.formatted(ids.stream().map(UUID::toString).collect(Collectors.joining(","))))
                .execute()
                .onComplete(
                        ignored -> {
                            untold.told();
                            tellNext();
                        },
                        failure -> untold.notTold(Lane.isOver(failure) ? ids : List.of()));
    }

    private void notified(PgNotification notification) {
        each(notification.getPayload());
    }

    private void each(String payload) {
        try {
            UUID id = UUID.fromString(payload);
            listeners.forEach(listener -> listener.changed(id));
        } catch (IllegalArgumentException e) {
            listeners.forEach(Listener::missed); // anybody in the database may notify
        }
    }

    private void closed() {
        connection = null;
        provenAt = System.nanoTime() - PROVEN_FOR;
        retry();
    }

    private void failed(Throwable failure) {
        LOG.debugf("not listening for changes: %s", failure.getMessage());
        retry();
    }

    private void retry() {
        if (!stopped) {
            vertx.setTimer(retryMs, ignored -> connect());
            retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
        }
    }
}
