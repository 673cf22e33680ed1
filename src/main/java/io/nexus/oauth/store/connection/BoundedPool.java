package io.nexus.oauth.store.connection;

import static java.util.Objects.requireNonNull;

import io.nexus.oauth.store.execution.FilteredSelect;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sets limits that the configuration cannot: how long a statement waits for a connection, how many statements may wait,
 * and how long a server may be silent. Without them a slow database would fill the memory with waiting statements.
 */
@Singleton
class BoundedPool implements PgPoolCreator {

    private static final int WAITERS_PER_CONNECTION = 16;

    /** How long a statement waits for a connection; shorter than any deadline of a statement. */
    private static final Duration CONNECTION_WAIT = Duration.ofSeconds(2);

    /**
     * The highest number of waiting statements in the pool for token responses: far more than the client limiters allow
     * in concurrent requests. A rejected statement costs more than a waiting one: the service repeats it, and reports
     * to the caller that nothing is stored.
     */
    private static final int MAX_PERSIST_WAITERS = 1000;

    /**
     * Seconds without a byte from the server after which a connection is closed, in use or not. It is the only way to
     * detect a server that hangs or vanished: its host may still acknowledge packets, and pooled connections are not
     * probed. Longer than the pool's idle-timeout and the server's statement_timeout together, so that it never ends a
     * statement that is only slow.
     */
    private static final int READ_IDLE_TIMEOUT_S = 15;

    /**
     * The highest number of characters of a statement that a connection keeps prepared. The client's default is too
     * small for the statements that store a response and lease due credentials; each call would then parse and plan
     * them in two round trips.
     */
    private static final int MAX_PREPARED_SQL_LENGTH = 8_192;

    private volatile PgPoolCreator.@Nullable Input input;

    private static boolean isKeptPrepared(String sql) {
        return sql.length() <= MAX_PREPARED_SQL_LENGTH && !sql.endsWith(FilteredSelect.PLANNED_EACH_TIME);
    }

    /** The connection options of the pool, for a connection outside of it; null before the pool exists. */
    @Nullable PgConnectOptions connectOptions() {
        Input present = input;
        return present == null
                ? null
                : new PgConnectOptions(present.pgConnectOptionsList().getFirst());
    }

    @Override
    public Pool create(Input input) {
        input.pgConnectOptionsList()
                .forEach(connect -> connect.setPreparedStatementCacheSqlFilter(BoundedPool::isKeptPrepared)
                        .setTcpKeepAlive(true)
                        .setReadIdleTimeout(READ_IDLE_TIMEOUT_S));
        this.input = input;
        return open(input.vertx(), input.poolOptions(), input.pgConnectOptionsList());
    }

    /**
     * A separate pool of {@code size} connections to the same database, for token responses; call it after {@link
     * #create}.
     */
    Pool persistPool(int size) {
        return pool(size, MAX_PERSIST_WAITERS, connect -> connect.setPipeliningLimit(1));
    }

    /** A pool of {@code size} connections that run every statement as {@code role}; call it after {@link #create}. */
    Pool rolePool(String role, int size) {
        return pool(size, WAITERS_PER_CONNECTION * size, connect -> connect.addProperty("role", role));
    }

    private Pool pool(int size, int waiters, UnaryOperator<PgConnectOptions> change) {
        Input present = requireNonNull(input, "the general pool must exist first");
        PoolOptions options =
                new PoolOptions(present.poolOptions()).setShared(false).setMaxSize(size);
        return open(
                present.vertx(),
                options,
                waiters,
                present.pgConnectOptionsList().stream()
                        .map(connect -> change.apply(new PgConnectOptions(connect)))
                        .toList());
    }

    static Pool open(Vertx vertx, PoolOptions options, List<PgConnectOptions> connect) {
        return open(vertx, options, WAITERS_PER_CONNECTION * options.getMaxSize(), connect);
    }

    private static Pool open(Vertx vertx, PoolOptions options, int waiters, List<PgConnectOptions> connect) {
        options.setConnectionTimeout(0).setMaxWaitQueueSize(waiters);
        Pool pool = PgBuilder.pool()
                .with(options)
                .connectingTo(List.<SqlConnectOptions>copyOf(connect))
                .using(vertx)
                .build();
        return new TimedPool(vertx, pool, CONNECTION_WAIT);
    }
}
