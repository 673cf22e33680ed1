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
 * Single prepared statements on one pool: one round trip, one implicit transaction, no session and no thread affinity. Each has a
 * deadline on our side, as a server that hangs never answers. A caller that leaves cancels nothing: its statement ends and gives its
 * connection back. Fails with {@link StorageException}: at once when too many wait already.
 */
public final class StatementExecutor {

    /** Longer than the wait for a connection and the server's own statement_timeout together. */
    private static final Duration DEADLINE = Duration.ofSeconds(8);

    /** How long the socket of a connection that is over may take to close. */
    private static final long GONE_MS = 1_000;

    /** A primary that became a standby keeps its sessions, which then refuse every write. */
    private static final String READ_ONLY = "25006";

    /** The session is over, or about to be: shutdown, crash, start-up; a standby. */
    private static final Set<String> OVER = Set.of("57P01", "57P02", "57P03", "57P05", READ_ONLY);

    /** For the session and not for a transaction: every statement here is one of its own, and every one is named anew. */
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

    /** The same lane for statements that are about {@code tenant}: the session is told so before each. */
    public StatementExecutor within(TenantId tenant) {
        return new StatementExecutor(vertx, pool, deadlineMs, shared, tenant.value());
    }

    /** The first row, of a statement that is sent once. */
    public <T> Uni<Optional<T>> first(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> send(sql, values)).map(rows -> stream(rows, reader).findFirst());
    }

    /** The rows, of a statement that is sent once. */
    public <T> Uni<List<T>> all(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> send(sql, values)).map(rows -> stream(rows, reader).toList());
    }

    /** The number of rows changed, by a statement that is sent once. */
    public Uni<Integer> change(String sql, Tuple values) {
        return run(() -> send(sql, values)).map(RowSet::rowCount);
    }

    /** The first row of a SELECT, which is sent again when its connection turns out to be dead. */
    public <T> Uni<Optional<T>> find(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> read(sql, values)).map(rows -> stream(rows, reader).findFirst());
    }

    /** As {@link #find}; who asks the same at the same time shares a statement. */
    public <T> Uni<Optional<T>> shared(String sql, Tuple values, Function<Row, T> reader) {
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

    /** The rows of a SELECT, which is sent again when its connection turns out to be dead. */
    public <T> Uni<List<T>> list(String sql, Tuple values, Function<Row, T> reader) {
        return run(() -> read(sql, values)).map(rows -> stream(rows, reader).toList());
    }

    /** Asks on {@code connections} at once, so that so many are open and known to work. */
    public void exercise(int connections) {
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

    /** {@code caller}: where the answer is told, when that may not be where it arrives. */
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
                                on(caller, () -> emitter.complete(rows));
                            },
                            failure -> {
                                vertx.cancelTimer(timer);
                                on(caller, () -> emitter.fail(failure));
                            });
        });
    }

    private static void on(@Nullable Context caller, Runnable action) {
        if (caller == null || caller.equals(Vertx.currentContext())) {
            action.run();
        } else {
            caller.runOnContext(ignored -> action.run());
        }
    }

    /** After a restart of the server every pooled connection fails once. */
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
                .compose(connection -> carryOut(connection, sql, values)
                        .andThen(done -> giveBack(connection, done.cause()))
                        .map(rows -> RowSet.newInstance(rows, Row.__TYPE_ARG))
                        .recover(failure -> Future.failedFuture(
                                isOver(failure) ? StorageException.of(failure) : StorageException.refused(failure))));
    }

    /** A tenant is named in the same write as the statement, so it costs no round trip. Where that fails nobody was named or another. */
    private Future<io.vertx.sqlclient.RowSet<io.vertx.sqlclient.Row>> carryOut(
            SqlConnection connection, String sql, Tuple values) {
        connection.exceptionHandler(ignored -> {}); // the statement fails with it; the default prints it too
        Future<?> named = tenant == null
                ? Future.succeededFuture()
                : connection.preparedQuery(NAME_TENANT).execute(io.vertx.sqlclient.Tuple.of(tenant));
        return connection.preparedQuery(sql).execute(values.getDelegate()).compose(named::map);
    }

    private void giveBack(SqlConnection connection, @Nullable Throwable failure) {
        if (failure == null || !isOver(failure)) {
            connection.close();
            return;
        }
        // given back at once it would go to the next in the queue: the end of its socket takes it out of the pool first
        vertx.setTimer(GONE_MS, ignored -> connection.close());
        if (failure instanceof PgException e && READ_ONLY.equals(e.getSqlState())) {
            connection.query(END_SESSION).execute();
        }
    }

    /** Whether {@code failure} is the end of its connection, and not the database's answer to the statement. */
    public static boolean isOver(Throwable failure) {
        return !(failure instanceof PgException e)
                || OVER.contains(e.getSqlState())
                || String.valueOf(e.getSqlState()).startsWith("08");
    }

    private static <T> Stream<T> stream(RowSet<Row> rows, Function<Row, T> reader) {
        return StreamSupport.stream(rows.spliterator(), false).map(reader);
    }
}
