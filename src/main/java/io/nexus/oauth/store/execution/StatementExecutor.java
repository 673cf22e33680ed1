package io.nexus.oauth.store.execution;

import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Executes single prepared statements on one pool: one round trip, one implicit transaction, no session and no thread
 * affinity. Each has a deadline, because a hanging server never responds. Cancellation by the caller has no effect: the
 * statement ends and releases its connection. Non-blocking; fails with {@link StorageException}, at once when too many
 * statements wait.
 *
 * <p>A method {@code execute...} sends its statement exactly once, whatever fails. A method {@code select...} repeats a
 * SELECT once when its connection was lost, so the statement must change nothing.
 */
public final class StatementExecutor {

    /** Longer than the wait for a connection and the server's own statement_timeout together. */
    private static final Duration DEADLINE = Duration.ofSeconds(8);

    /** How long the socket of a lost connection may take to close. */
    private static final long SOCKET_CLOSE_MS = 1_000;

    /**
     * SQLSTATE read_only_sql_transaction: a primary that became a standby keeps its sessions, which then reject every
     * write.
     */
    private static final String READ_ONLY = "25006";

    /** SQLSTATEs of a session that ended or is about to end: shutdown, crash, start-up; a standby. */
    private static final Set<String> SESSION_ENDED = Set.of("57P01", "57P02", "57P03", "57P05", READ_ONLY);

    /**
     * Sets the tenant for the session, because each statement is a transaction of its own; it is set again before each
     * statement.
     */
    private static final String NAME_TENANT = "SELECT set_config('nexus_oauth.tenant', $1::text, false)";

    private static final String END_SESSION = "SELECT pg_terminate_backend(pg_backend_pid())";

    private final Vertx vertx;
    private final Pool pool;
    private final long deadlineMs;
    private final SharedReads shared;
    private final @Nullable String tenant;

    public StatementExecutor(Vertx vertx, Pool pool) {
        this(vertx, pool, DEADLINE);
    }

    public StatementExecutor(Vertx vertx, Pool pool, Duration deadline) {
        this(vertx, pool, deadline.toMillis(), new SharedReads(), null);
    }

    private StatementExecutor(Vertx vertx, Pool pool, long deadlineMs, SharedReads shared, @Nullable String tenant) {
        this.vertx = vertx;
        this.pool = pool;
        this.deadlineMs = deadlineMs;
        this.shared = shared;
        this.tenant = tenant;
    }

    /** This executor for statements of {@code tenant}: it sets the tenant in the session before each statement. */
    public StatementExecutor within(TenantId tenant) {
        return new StatementExecutor(vertx, pool, deadlineMs, shared, tenant.value());
    }

    /** The first row of a statement that is sent once; empty without rows. */
    public <T> Uni<Optional<T>> executeForRow(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> send(sql, values)).map(rows -> stream(rows, reader).findFirst());
    }

    /** The rows of a statement that is sent once. */
    public <T> Uni<List<T>> executeForRows(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> send(sql, values)).map(rows -> stream(rows, reader).toList());
    }

    /** The number of rows changed, by a statement that is sent once. */
    public Uni<Integer> executeUpdate(String sql, Tuple values) {
        return run(() -> send(sql, values)).map(RowSet::rowCount);
    }

    /** The first row of a SELECT, which is repeated once when its connection was lost; empty without rows. */
    public <T> Uni<Optional<T>> selectRow(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> read(sql, values)).map(rows -> stream(rows, reader).findFirst());
    }

    /** As {@link #selectRow}; concurrent callers with the same query share a statement. */
    public <T> Uni<Optional<T>> selectSharedRow(String sql, Tuple values, Function<Row, T> reader) {
        List<Object> asked = Stream.concat(
                        Stream.ofNullable(tenant),
                        IntStream.range(0, values.size()).mapToObj(values::getValue))
                .toList();
        return Uni.createFrom()
                .deferred(() -> {
                    Context caller = Vertx.currentContext();
                    return run(() -> shared.ask(new SharedReads.Question(sql, asked), () -> read(sql, values)), caller);
                })
                .map(rows -> stream(rows, reader).findFirst());
    }

    /** The rows of a SELECT, which is repeated once when its connection was lost. */
    public <T> Uni<List<T>> selectRows(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> read(sql, values)).map(rows -> stream(rows, reader).toList());
    }

    /** Sends a query on {@code connections} connections at once, so that these stay open and are checked. */
    public void warmUp(int connections) {
        for (int i = 0; i < connections; i++) {
            send("SELECT 1", Tuple.tuple());
        }
    }

    public Future<Void> close() {
        return pool.close();
    }

    private Uni<RowSet<Row>> run(Supplier<Future<RowSet<Row>>> work) {
        return run(work, null);
    }

    /** Emits the result on the context {@code caller} if it is not null. */
    private Uni<RowSet<Row>> run(Supplier<Future<RowSet<Row>>> work, @Nullable Context caller) {
        return Uni.createFrom().emitter(emitter -> {
            long timer = vertx.setTimer(
                    deadlineMs,
                    ignored -> emitter.fail(
                            StorageException.of(new TimeoutException("no answer in " + deadlineMs + " ms"))));
            work.get()
                    .onComplete(
                            rows -> {
                                vertx.cancelTimer(timer);
                                runOn(caller, () -> emitter.complete(rows));
                            },
                            failure -> {
                                vertx.cancelTimer(timer);
                                runOn(caller, () -> emitter.fail(failure));
                            });
        });
    }

    private static void runOn(@Nullable Context caller, Runnable action) {
        if (caller == null || caller.equals(Vertx.currentContext())) {
            action.run();
        } else {
            caller.runOnContext(ignored -> action.run());
        }
    }

    /** Repeats a read once, because every pooled connection fails once after a restart of the server. */
    private Future<RowSet<Row>> read(String sql, Tuple values) {
        long asked = System.nanoTime();
        return send(sql, values)
                .recover(failure -> failure instanceof StorageException e && !e.isRefusal() && isInTime(asked)
                        ? send(sql, values)
                        : Future.failedFuture(failure));
    }

    private boolean isInTime(long asked) {
        return System.nanoTime() - asked < deadlineMs * 1_000_000;
    }

    private Future<RowSet<Row>> send(String sql, Tuple values) {
        return pool.getConnection()
                .recover(failure -> Future.failedFuture(StorageException.refused(failure)))
                .compose(connection -> execute(connection, sql, values)
                        .andThen(done -> release(connection, done.cause()))
                        .map(rows -> RowSet.newInstance(rows, Row.__TYPE_ARG))
                        .recover(failure -> Future.failedFuture(
                                isConnectionLost(failure)
                                        ? StorageException.of(failure)
                                        : StorageException.refused(failure))));
    }

    /**
     * The tenant is sent with the statement, without a round trip of its own. If setting it fails, the result is
     * discarded.
     */
    private Future<io.vertx.sqlclient.RowSet<io.vertx.sqlclient.Row>> execute(
            SqlConnection connection, String sql, Tuple values) {
        connection.exceptionHandler(
                ignored -> {}); // the statement fails with it; the default handler would print it too
        Future<?> named = tenant == null
                ? Future.succeededFuture()
                : connection.preparedQuery(NAME_TENANT).execute(io.vertx.sqlclient.Tuple.of(tenant));
        return connection.preparedQuery(sql).execute(values.getDelegate()).compose(named::map);
    }

    private void release(SqlConnection connection, @Nullable Throwable failure) {
        if (failure == null || !isConnectionLost(failure)) {
            connection.close();
            return;
        }
        // released at once, it would go to the next waiting statement; the pool drops it when its socket closes
        vertx.setTimer(SOCKET_CLOSE_MS, ignored -> connection.close());
        if (failure instanceof PgException e && READ_ONLY.equals(e.getSqlState())) {
            connection.query(END_SESSION).execute();
        }
    }

    /** Whether {@code failure} means that the connection was lost, and not that the database rejected the statement. */
    public static boolean isConnectionLost(Throwable failure) {
        return !(failure instanceof PgException e)
                || SESSION_ENDED.contains(e.getSqlState())
                || String.valueOf(e.getSqlState()).startsWith("08");
    }

    /** Whether the database rejected a value of one statement (SQLSTATE classes 22 and 23): no repetition helps. */
    public static boolean isDataError(Throwable failure) {
        return failure.getCause() instanceof PgException e
                && (String.valueOf(e.getSqlState()).startsWith("22")
                        || String.valueOf(e.getSqlState()).startsWith("23"));
    }

    private static <T> Stream<T> stream(RowSet<Row> rows, Function<Row, T> reader) {
        return StreamSupport.stream(rows.spliterator(), false).map(reader);
    }
}
