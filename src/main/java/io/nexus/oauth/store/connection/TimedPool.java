package io.nexus.oauth.store.connection;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.pgclient.PgPool;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PrepareOptions;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Query;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A pool whose callers wait for a connection for a bounded time. A connection that comes later goes back at once. The client's own
 * limit loses it when the time ends in the moment in which the connection is on its way to the caller: one less in the pool each time, until
 * none is left.
 */
@SuppressWarnings("deprecation") // the framework casts to it, and it has two methods
final class TimedPool implements PgPool {

    private final Vertx vertx;
    private final Pool pool;
    private final Duration patience;

    /** @param pool without a limit of its own */
    TimedPool(Vertx vertx, Pool pool, Duration patience) {
        this.vertx = vertx;
        this.pool = pool;
        this.patience = patience;
    }

    /** Fails with {@link TimeoutException} when none is free within the time, and at once when too many wait. */
    @Override
    public Future<SqlConnection> getConnection() {
        Promise<SqlConnection> got = ((ContextInternal) vertx.getOrCreateContext()).promise();
        long timer = vertx.setTimer(
                patience.toMillis(),
                ignored -> got.tryFail(new TimeoutException("no connection in " + patience.toMillis() + " ms")));
        pool.getConnection()
                .onComplete(
                        connection -> {
                            vertx.cancelTimer(timer);
                            if (!got.tryComplete(connection)) {
                                connection.close();
                            }
                        },
                        failure -> {
                            vertx.cancelTimer(timer);
                            got.tryFail(failure);
                        });
        return got.future();
    }

    @Override
    public void getConnection(Handler<AsyncResult<SqlConnection>> handler) {
        getConnection().onComplete(handler);
    }

    /** Without the limit, as are the other two: nothing here uses them. */
    @Override
    public Query<RowSet<Row>> query(String sql) {
        return pool.query(sql);
    }

    @Override
    public PreparedQuery<RowSet<Row>> preparedQuery(String sql) {
        return pool.preparedQuery(sql);
    }

    @Override
    public PreparedQuery<RowSet<Row>> preparedQuery(String sql, PrepareOptions options) {
        return pool.preparedQuery(sql, options);
    }

    @Override
    public PgPool connectHandler(Handler<SqlConnection> handler) {
        pool.connectHandler(handler);
        return this;
    }

    @Override
    public PgPool connectionProvider(Function<Context, Future<SqlConnection>> provider) {
        pool.connectionProvider(provider);
        return this;
    }

    @Override
    public int size() {
        return pool.size();
    }

    @Override
    public Future<Void> close() {
        return pool.close();
    }

    @Override
    public void close(Handler<AsyncResult<Void>> handler) {
        pool.close(handler);
    }
}
