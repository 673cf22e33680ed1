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
 * Tells other replicas of changes and hears of theirs (LISTEN/NOTIFY), on one connection of its own outside the pools. A notification
 * is a hint and can be lost with the connection, so the feed says whether it is proven alive: what is remembered may be trusted only
 * while it is, and has to be forgotten whenever it came back.
 */
@ApplicationScoped
public class ChangeFeed {

    private static final String CHANNEL = "nexus_oauth_credentials";

    /** Tells everybody at commit; for rare changes only, as it serialises commits. */
    public static final String TELL = "pg_notify('" + CHANNEL + "', c.credential_id::text)::text AS told";

    /** With the place that the log has reached, where the database can tell it. */
    private static final String TELL_ALL =
            "SELECT pg_notify('" + CHANNEL + "', id || %s) FROM unnest('{%s}'::uuid[]) AS id";

    private static final String REACHED = "' ' || (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)";

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

    private static final String POSITION = """
            SELECT ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int::bigint AS timeline,
              (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint AS position,
              (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started_at, %s AS checkpoint""";

    /** How to look where the log is, from the most telling to what every server that speaks PostgreSQL understands. */
    private static final List<String> LOOKS = List.of(
            POSITION.formatted("(SELECT redo_lsn - '0/0'::pg_lsn FROM pg_control_checkpoint())::bigint"),
            POSITION.formatted("-1::bigint"),
            "SELECT 1");

    /** The server is there and does not want us: no such function, not allowed to, not supported. */
    private static final Set<String> NO_POSITION = Set.of("42883", "42501", "0A000");

    private final Vertx vertx;
    private final Supplier<@Nullable PgConnectOptions> target;
    private final PendingNotifications untold = new PendingNotifications();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable PgConnection connection;
    private volatile long provenAt = System.nanoTime() - PROVEN_FOR;
    private volatile boolean stopped;
    private volatile long retryMs = FIRST_RETRY_MS;

    private final FailoverDetector copies = new FailoverDetector(System::nanoTime);

    /** Which of {@link #LOOKS} this server is asked. */
    private volatile int look;

    private volatile boolean unwanted;

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
     * Whether the database is known to be the one that was written to. Until the connection is proven after a break, and for some
     * seconds after the database came back as another copy, it is not: what it holds may have been spent, and the replicas that know
     * better are about to say so. A server that takes the pool's connections but none of this feed's is trusted: there is no way to know.
     */
    public boolean isSettled() {
        return unwanted || (isProven() && copies.isSettled());
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
        locate(open, () -> {
            connection = open;
            unwanted = false;
            retryMs = FIRST_RETRY_MS;
            listeners.forEach(Listener::missed);
            provenAt = System.nanoTime();
            pingLater(open);
            tellNext();
        });
    }

    /** Looks where the database's log ends, and goes on when it answered. */
    private void locate(PgConnection open, Runnable then) {
        long before = copies.position();
        open.query(LOOKS.get(look))
                .execute()
                .onComplete(
                        rows -> {
                            if (tellsPosition()) {
                                copies.located(sighting(rows.iterator().next()), before);
                            }
                            then.run();
                        },
                        failure -> {
                            if (failure instanceof PgException e && NO_POSITION.contains(e.getSqlState())) {
                                look++; // not every database that speaks PostgreSQL has such a log, or shows it
                                locate(open, then);
                            } else {
                                open.close();
                            }
                        });
    }

    private boolean tellsPosition() {
        return look < LOOKS.size() - 1;
    }

    private static FailoverDetector.Sighting sighting(Row row) {
        return new FailoverDetector.Sighting(
                row.getLong("timeline"), row.getLong("position"), row.getLong("started_at"), row.getLong("checkpoint"));
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
        locate(open, () -> {
            provenAt = asked;
            pingLater(open);
        });
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
        String list = ids.stream().map(UUID::toString).collect(Collectors.joining(","));
        open.query(TELL_ALL.formatted(tellsPosition() ? REACHED : "''", list))
                .execute()
                .onComplete(
                        ignored -> {
                            untold.told();
                            tellNext();
                        },
                        failure -> untold.notTold(StatementExecutor.isOver(failure) ? ids : List.of()));
    }

    private void notified(PgNotification notification) {
        String payload = notification.getPayload();
        int space = payload.indexOf(' ');
        try {
            UUID id = UUID.fromString(space < 0 ? payload : payload.substring(0, space));
            if (space >= 0) {
                copies.reached(Long.parseLong(payload.substring(space + 1)));
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
        unwanted = failure instanceof PgException e && !StatementExecutor.isOver(e);
        retry();
    }

    private void retry() {
        if (!stopped) {
            vertx.setTimer(retryMs, ignored -> connect());
            retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
        }
    }
}
