package io.nexus.oauth.store;

import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.connection.TestPools;
import io.nexus.oauth.store.execution.StatementExecutor;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Stores that reach the same database by another way, for tests of other packages. */
@Singleton
public class Elsewhere {

    private final Vertx vertx;
    private final TestPools pools;
    private final Database database;
    private final Quotas quotas;

    Elsewhere(Vertx vertx, TestPools pools, Database database, Quotas quotas) {
        this.vertx = vertx;
        this.pools = pools;
        this.database = database;
        this.quotas = quotas;
    }

    /** Where the database is on loopback. */
    public int port() {
        database.persist();
        return pools.connectOptions().getPort();
    }

    /** A store of its own that connects to {@code port} and waits for an answer for {@code deadline}. */
    public Way to(int port, Duration deadline) {
        database.persist();
        PgConnectOptions options = pools.connectOptions().setHost("127.0.0.1").setPort(port);
        // here {@code deadline} ends a statement, and nothing before it
        options.addProperty("application_name", "elsewhere")
                .addProperty("lock_timeout", "30000")
                .addProperty("statement_timeout", "30000");
        Pool pool = pools.open(new PoolOptions().setMaxSize(4), options);
        StatementExecutor executor = new StatementExecutor(vertx, pool, deadline);
        Database there = pools.database(executor);
        return new Way(new RefreshStore(there), new CredentialStore(there, quotas), pool);
    }

    /** Closed by whoever asked for it. */
    public record Way(RefreshStore refreshes, CredentialStore credentials, Pool pool) implements AutoCloseable {
        @Override
        public void close() {
            pool.close();
        }
    }
}
