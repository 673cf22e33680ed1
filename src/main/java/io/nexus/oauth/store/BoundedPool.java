package io.nexus.oauth.store;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what the configuration cannot: how long a statement waits for a connection and how many may wait. Unbounded waiting
 * turns a slow database into a full memory.
 */
@Singleton
class BoundedPool implements PgPoolCreator {

    private static final int WAITERS_PER_CONNECTION = 16;

    private volatile @Nullable PgConnectOptions connectOptions;

    /** How the pool connects, for a connection outside of it; null before the pool is made. */
    @Nullable PgConnectOptions connectOptions() {
        PgConnectOptions options = connectOptions;
        return options == null ? null : new PgConnectOptions(options);
    }

    @Override
    public Pool create(Input input) {
        connectOptions = input.pgConnectOptionsList().getFirst();
        var options = input.poolOptions();
        options.setConnectionTimeout(2)
                .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                .setMaxWaitQueueSize(WAITERS_PER_CONNECTION * options.getMaxSize());
        input.pgConnectOptionsList().forEach(connect -> connect.setTcpKeepAlive(true));
        return PgBuilder.pool()
                .with(options)
                .connectingTo(List.<SqlConnectOptions>copyOf(input.pgConnectOptionsList()))
                .using(input.vertx())
                .build();
    }
}
