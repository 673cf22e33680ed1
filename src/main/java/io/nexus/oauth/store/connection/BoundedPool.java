package io.nexus.oauth.store.connection;

import static java.util.Objects.requireNonNull;

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
 * Bounds what the configuration cannot: how long a statement waits for a connection, how many may wait, and how long a server may
 * be silent. Unbounded waiting turns a slow database into a full memory.
 */
@Singleton
class BoundedPool implements PgPoolCreator {

    private static final int WAITERS_PER_CONNECTION = 16;

    /** Less than any deadline of a statement. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /**
     * Statements that may wait in a pool for answers: far more than the gates let be under way at all providers together. An answer
     * that is turned away costs more than one that waits: it is tried again and again, and its caller hears that nothing is stored.
     */
    private static final int ANSWERS_WAITING = 1000;

    /**
     * Seconds without a byte from the server after which a connection is closed, in use or not. The only sign of a server that hangs
     * or vanished: its host may go on acknowledging, and nothing asks a pooled connection whether it works. More than the pool's
     * idle-timeout and the server's statement_timeout together, so that it never hits a statement that is only slow.
     */
    private static final int SILENCE_S = 15;

    /**
     * Characters of the longest statement that a connection keeps prepared. The client's own limit is less than what stores an answer
     * and what claims the due ones: each would be parsed, planned and sent in two round trips every time.
     */
    private static final int LONGEST_PREPARED = 8_192;

    private volatile PgPoolCreator.@Nullable Input input;

    /** How the pool connects, for a connection outside of it; null before the pool is made. */
    @Nullable PgConnectOptions connectOptions() {
        Input present = input;
        return present == null
                ? null
                : new PgConnectOptions(present.pgConnectOptionsList().getFirst());
    }

    @Override
    public Pool create(Input input) {
        input.pgConnectOptionsList()
                .forEach(connect -> connect.setPreparedStatementCacheSqlLimit(LONGEST_PREPARED)
                        .setTcpKeepAlive(true)
                        .setReadIdleTimeout(SILENCE_S));
        this.input = input;
        return open(input.vertx(), input.poolOptions(), input.pgConnectOptionsList());
    }

    /** A pool of {@code size} connections of its own to the same database, for answers; after {@link #create}. */
    Pool another(int size) {
        return another(size, ANSWERS_WAITING, connect -> connect.setPipeliningLimit(1));
    }

    /** A pool of {@code size} connections whose every statement is carried out as {@code role}; after {@link #create}. */
    Pool as(String role, int size) {
        return another(size, WAITERS_PER_CONNECTION * size, connect -> connect.addProperty("role", role));
    }

    private Pool another(int size, int waiters, UnaryOperator<PgConnectOptions> change) {
        Input present = requireNonNull(input, "the general pool is made first");
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
        return new TimedPool(vertx, pool, PATIENCE);
    }
}
