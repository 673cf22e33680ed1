package io.nexus.oauth.store;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgNotification;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hears of changes that other replicas made (LISTEN/NOTIFY), on one connection of its own outside the pool. A notification is a hint
 * and can be lost with the connection, so the feed says whether it is proven alive: what is remembered may be trusted only while it
 * is, and has to be forgotten whenever it came back.
 */
@ApplicationScoped
public class ChangeFeed {

    private static final String CHANNEL = "nexus_oauth_credentials";

    /** Tells everybody at commit; for rare changes only, as it serialises commits. */
    static final String TELL = "pg_notify('" + CHANNEL + "', c.credential_id::text)::text AS told";

    private static final String TELL_LATER = "SELECT pg_notify('" + CHANNEL + "', $1::text)::text AS told";

    private static final Logger LOG = Logger.getLogger(ChangeFeed.class);
    private static final long PING_MS = 3_000;
    private static final long PING_PATIENCE_MS = 2_000;
    private static final long FIRST_RETRY_MS = 200;
    private static final long LAST_RETRY_MS = 5_000;

    /** Longer than a ping's round, shorter than anybody would call a cache stale. */
    private static final long PROVEN_FOR = TimeUnit.SECONDS.toNanos(6);

    private final Vertx vertx;
    private final BoundedPool pool;
    private final Instance<Pool> started;
    private final Database database;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable PgConnection connection;
    private volatile long provenAt = System.nanoTime() - PROVEN_FOR;
    private volatile boolean stopped;
    private long retryMs = FIRST_RETRY_MS;

    ChangeFeed(Vertx vertx, BoundedPool pool, Instance<Pool> started, Database database) {
        this.vertx = vertx;
        this.pool = pool;
        this.started = started;
        this.database = database;
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

    /** Tells the other replicas that the credential {@code id} changed, after that is committed. Losing it costs freshness only. */
    public Uni<Void> tell(UUID id) {
        return database.first(TELL_LATER, Tuple.of(id.toString()), row -> row).replaceWithVoid();
    }

    void start(@Observes StartupEvent event) {
        started.get().size(); // the pool's creator has the options only after the pool is made
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
        PgConnectOptions options = pool.connectOptions();
        if (stopped || options == null) {
            return;
        }
        PgConnection.connect(vertx, options).onComplete(this::opened, this::failed);
    }

    private void opened(PgConnection open) {
        open.notificationHandler(this::notified);
        open.closeHandler(ignored -> closed());
        open.query("LISTEN " + CHANNEL).execute().onComplete(ignored -> listening(open), failure -> open.close());
    }

    private void listening(PgConnection open) {
        connection = open;
        retryMs = FIRST_RETRY_MS;
        listeners.forEach(Listener::missed);
        provenAt = System.nanoTime();
        pingLater(open);
    }

    private void pingLater(PgConnection open) {
        vertx.setTimer(PING_MS, ignored -> ping(open));
    }

    /** A half-open socket is noticed by nothing else. */
    private void ping(PgConnection open) {
        if (stopped) {
            return;
        }
        long asked = System.nanoTime();
        long deadline = vertx.setTimer(PING_PATIENCE_MS, ignored -> open.close());
        open.query("SELECT 1")
                .execute()
                .onComplete(
                        ignored -> {
                            vertx.cancelTimer(deadline);
                            provenAt = asked;
                            pingLater(open);
                        },
                        failure -> {
                            vertx.cancelTimer(deadline);
                            open.close();
                        });
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
