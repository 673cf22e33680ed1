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
import io.vertx.sqlclient.Row;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
            "SELECT pg_notify('" + CHANNEL + "', id || %s) FROM unnest('{%s}'::uuid[]) AS id";

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

    private static final String POSITION = """
            SELECT ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int::bigint AS timeline,
              (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint AS position,
              (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started_at, %s AS checkpoint""";

    /**
     * Queries for the position of the log, from the most informative to one that every PostgreSQL-compatible server
     * accepts.
     */
    private static final List<String> POSITION_QUERIES = List.of(
            POSITION.formatted("(SELECT redo_lsn - '0/0'::pg_lsn FROM pg_control_checkpoint())::bigint"),
            POSITION.formatted("-1::bigint"),
            "SELECT 1");

    /** SQLSTATEs of a server that does not report the position: no such function, not allowed, not supported. */
    private static final Set<String> NO_POSITION = Set.of("42883", "42501", "0A000");

    private final Vertx vertx;
    private final Supplier<@Nullable PgConnectOptions> target;
    private final PendingNotifications pending = new PendingNotifications();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable PgConnection connection;
    private volatile long provenAt = System.nanoTime() - PROVEN_FOR;
    private volatile boolean stopped;
    private volatile long retryMs = FIRST_RETRY_MS;

    private final FailoverDetector failovers = new FailoverDetector(System::nanoTime);

    /** The index of the query in {@link #POSITION_QUERIES} that this server accepts. */
    private volatile int positionQuery;

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
     * Whether the database is known to be the same copy as before. False until the connection is proven after an
     * interruption, and for some seconds after a failover or restore: its refresh tokens may be spent, and the replicas
     * still replay their journals. A server that accepts the pool's connections but not the feed's is trusted, because
     * the feed cannot check it.
     */
    public boolean isSettled() {
        return refused || (isProven() && failovers.isSettled());
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
        readPosition(open, () -> {
            connection = open;
            refused = false;
            retryMs = FIRST_RETRY_MS;
            listeners.forEach(Listener::missed);
            provenAt = System.nanoTime();
            pingLater(open);
            publishNext();
        });
    }

    /** Reads the end of the database's log, then runs {@code then}. */
    private void readPosition(PgConnection open, Runnable then) {
        long before = failovers.position();
        open.query(POSITION_QUERIES.get(positionQuery))
                .execute()
                .onComplete(
                        rows -> {
                            if (hasLogPosition()) {
                                failovers.observe(sighting(rows.iterator().next()), before);
                            }
                            then.run();
                        },
                        failure -> {
                            if (failure instanceof PgException e && NO_POSITION.contains(e.getSqlState())) {
                                positionQuery++; // not every PostgreSQL-compatible database has such a log or reports
                                // it
                                readPosition(open, then);
                            } else {
                                open.close();
                            }
                        });
    }

    private boolean hasLogPosition() {
        return positionQuery < POSITION_QUERIES.size() - 1;
    }

    private static FailoverDetector.Sighting sighting(Row row) {
        return new FailoverDetector.Sighting(
                row.getLong("timeline"), row.getLong("position"), row.getLong("started_at"), row.getLong("checkpoint"));
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
        readPosition(open, () -> {
            provenAt = asked;
            pingLater(open);
        });
    }

    /** Sends one statement at a time, for all changes that arrived during the one before. */
    private void publishNext() {
        PgConnection open = connection;
        if (open == null) {
            return; // listening() continues here
        }
        List<UUID> ids = pending.take();
        if (ids.isEmpty()) {
            return;
        }
        String list = ids.stream().map(UUID::toString).collect(Collectors.joining(","));
        open.query(NOTIFY_ALL.formatted(hasLogPosition() ? LOG_POSITION : "''", list))
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
                failovers.advance(Long.parseLong(payload.substring(space + 1)));
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
