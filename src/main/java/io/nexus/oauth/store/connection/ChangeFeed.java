package io.nexus.oauth.store.connection;

import io.nexus.oauth.event.ShutdownOrder;
import io.nexus.oauth.store.execution.StatementExecutor;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.pgclient.PgNotification;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes changes to the other replicas and receives theirs (LISTEN/NOTIFY), on one connection outside the pools. A
 * notification is a hint and can be lost with the connection. Therefore caches may be trusted only while {@link
 * #isProven()}, and must be cleared after every reconnect ({@link Listener#missed()}). Does not block.
 */
@ApplicationScoped
public class ChangeFeed {

    private static final String CHANNEL = "nexus_oauth_credentials";

    /** Notifies all replicas at the commit; for rare changes only, because it serialises commits. */
    public static final String NOTIFY = "pg_notify('" + CHANNEL + "', c.credential_id::text)::text AS told";

    /** Notifies with the position of the log, where the database reports it. */
    private static final String NOTIFY_ALL =
            "SELECT pg_notify('" + CHANNEL + "', id || %s) FROM unnest('{%s}'::text[]) AS id";

    private static final String LOG_POSITION = "' ' || (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)";

    private static final Logger LOG = Logger.getLogger(ChangeFeed.class);
    private static final long PING_MS = 3_000;
    private static final long FIRST_RETRY_MS = 200;
    private static final long MAX_RETRY_MS = 5_000;

    /**
     * Seconds without a byte from the server after which the connection is closed. Ping responses are more frequent, so
     * it ends only half-open sockets, which nothing else detects, and connections that never get ready.
     */
    private static final int READ_IDLE_TIMEOUT_S = 6;

    /** Longer than a ping's round trip, shorter than the staleness that callers accept of a cache. */
    private static final long PROVEN_FOR = TimeUnit.SECONDS.toNanos(6);

    private final Vertx vertx;
    private final Supplier<@Nullable PgConnectOptions> target;
    private final PendingNotifications pending = new PendingNotifications();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable PgConnection connection;
    private volatile long connectedAt = System.nanoTime();
    private volatile long provenAt = System.nanoTime() - PROVEN_FOR;
    private volatile boolean stopped;
    private volatile long retryMs = FIRST_RETRY_MS;

    private final DatabaseCopies copies = new DatabaseCopies(System::nanoTime);

    private volatile boolean refused;

    @Inject
    ChangeFeed(Vertx vertx, BoundedPool pool, Instance<Pool> started) {
        this(vertx, () -> {
            started.get().size(); // the pool's creator has the options only after the pool exists
            return pool.connectOptions();
        });
    }

    ChangeFeed(Vertx vertx, Supplier<@Nullable PgConnectOptions> target) {
        this.vertx = vertx;
        this.target = target;
    }

    /** Receives changes on an event loop; its methods must not block. */
    public interface Listener {
        /** The credential {@code id} changed. */
        void changed(UUID id);

        /** Notifications may have been lost. */
        void missed();

        /** The database may lack commits that are in the journal, which was not replayed into it yet. */
        default void unreplayed() {}
    }

    /** Adds a listener. */
    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** Whether the feed has received every change up to a few seconds ago. */
    public boolean isProven() {
        return System.nanoTime() - provenAt < PROVEN_FOR;
    }

    /**
     * Whether the refresh tokens in the database may be used. False until the connection is proven after an interruption.
     * After a failover or restore also false until every live replica has replayed its journal, 195 seconds at most,
     * because the tokens may be spent. A server that accepts the pool's connections but not the feed's is trusted,
     * because the feed cannot check it.
     */
    public boolean isSettled() {
        return refused || (isProven() && copies.isSettled());
    }

    /**
     * Whether the feed's connection is the same as at {@code nanos} of {@link System#nanoTime()}. A database that failed over since
     * may lack what was committed before.
     */
    public boolean isSameSince(long nanos) {
        return refused || nanos - connectedAt >= 0;
    }

    /** Whether the present copy of the database is known, or cannot be known. */
    public boolean knowsCopy() {
        return refused || isProven();
    }

    /** The present copy of the database; null while it is not known. */
    public @Nullable UUID copy() {
        return copies.agreement().copy();
    }

    /**
     * A replay of this replica's journal into a copy of the database.
     *
     * @param alone whether every other process that ever used the journal's directory has ended, and its files are taken
     *     over
     */
    public record Replay(UUID copy, boolean alone) {}

    /** Records that the journal was replayed; the next announcement of this replica says so. */
    public void replayed(Replay done) {
        copies.agreement().replayed(done);
    }

    /** The last replay of the journal; null before the first. */
    public @Nullable Replay replay() {
        return copies.agreement().replay();
    }

    /** A sentence about the replicas that are waited for after a failover; empty when none is. */
    public Optional<String> waiting() {
        return refused ? Optional.empty() : copies.agreement().waiting();
    }

    /**
     * Notifies the other replicas soon that the credential {@code id} changed; call it after the commit. Returns at
     * once and never fails: a lost notification only delays their caches.
     */
    public void publish(UUID id) {
        pending.add(id);
        publishNext();
    }

    void start(@Observes StartupEvent event) {
        connect();
    }

    void stop(@Observes @Priority(ShutdownOrder.STOP_BACKGROUND_WORK) ShutdownEvent event) {
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
        options.setReadIdleTimeout(READ_IDLE_TIMEOUT_S);
        // a hint does not need to wait for the disk
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
        look(open, () -> {
            connection = open;
            refused = false;
            retryMs = FIRST_RETRY_MS;
            connectedAt = System.nanoTime();
            listeners.forEach(Listener::missed);
            provenAt = System.nanoTime();
            pingLater(open);
            publishNext();
        });
    }

    /** Looks at the server, then runs {@code then}. */
    private void look(PgConnection open, Runnable then) {
        copies.look(open).onComplete(ignored -> then.run(), failure -> open.close());
    }

    private void pingLater(PgConnection open) {
        vertx.setTimer(PING_MS, ignored -> ping(open));
    }

    /** A hanging server does not respond; then the read idle timeout ends the connection. */
    private void ping(PgConnection open) {
        if (stopped) {
            open.close();
            return;
        }
        long asked = System.nanoTime();
        look(open, () -> {
            provenAt = asked;
            if (copies.agreement().wantsReplay()) {
                listeners.forEach(Listener::unreplayed);
            }
            pingLater(open);
        });
    }

    /** Sends one statement at a time, for all changes that arrived during the one before. */
    private void publishNext() {
        PgConnection open = connection;
        if (open == null) {
            return; // listening() continues here
        }
        List<String> ids = pending.take();
        if (ids.isEmpty()) {
            return;
        }
        String list = String.join(",", ids);
        open.query(NOTIFY_ALL.formatted(copies.hasLogPosition() ? LOG_POSITION : "''", list))
                .execute()
                .onComplete(
                        ignored -> {
                            pending.sent();
                            publishNext();
                        },
                        failure -> pending.failed(StatementExecutor.isConnectionLost(failure) ? ids : List.of()));
    }

    private void notified(PgNotification notification) {
        String payload = notification.getPayload();
        int space = payload.indexOf(' ');
        try {
            UUID id = UUID.fromString(space < 0 ? payload : payload.substring(0, space));
            if (space >= 0) {
                copies.advance(Long.parseLong(payload.substring(space + 1)));
            }
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
        refused = failure instanceof PgException e && !StatementExecutor.isConnectionLost(e);
        retry();
    }

    private void retry() {
        if (!stopped) {
            vertx.setTimer(retryMs, ignored -> connect());
            retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
        }
    }
}
