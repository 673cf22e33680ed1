package io.nexus.oauth.store.connection;

import io.nexus.oauth.store.execution.StatementExecutor;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import jakarta.inject.Singleton;
import java.util.List;

/** Pools of a test's own to the database of the service. */
@Singleton
public class TestPools {

    private final Vertx vertx;
    private final BoundedPool bounded;

    TestPools(Vertx vertx, BoundedPool bounded) {
        this.vertx = vertx;
        this.bounded = bounded;
    }

    /** How the service connects. */
    public PgConnectOptions connectOptions() {
        return bounded.connectOptions();
    }

    /** A pool that the caller closes. */
    public Pool open(PoolOptions pool, PgConnectOptions options) {
        return BoundedPool.open(vertx, pool, List.of(options));
    }

    /** A pool that connects as {@code user}. */
    public Pool as(String user, int size) {
        return bounded.as(user, size);
    }

    /** A database that is reached by {@code executor} alone. */
    public Database database(StatementExecutor executor) {
        return new Database(vertx, executor, executor, 1);
    }
}
