package io.nexus.oauth.store.connection;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.ShutdownOrder;
import io.nexus.oauth.store.execution.StatementExecutor;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The pools of the database. Token responses have a pool of their own, because a response may be the only copy of a
 * grant and must not wait behind reads; its connections stay open even when the server accepts no new ones. With
 * row-level security, statements for a tenant use a third pool, whose connections see no row until a tenant is set.
 */
@ApplicationScoped
public class Database {

    /** Shorter than the pool's idle timeout. */
    private static final long WARM_UP_INTERVAL_MS = 4_000;

    private final Vertx vertx;
    private final int persistConnections;
    private final StatementExecutor general;
    private final StatementExecutor persist;
    private final @Nullable StatementExecutor tenants;
    private volatile long warmUp = -1;

    @Inject
    Database(Vertx vertx, Pool pool, BoundedPool creator, DatabaseConfig config) {
        this.vertx = vertx;
        this.general = new StatementExecutor(vertx, initialized(pool));
        this.persist = new StatementExecutor(vertx, creator.persistPool(config.persistConnections()));
        this.persistConnections = config.persistConnections();
        this.tenants = config.tenantRole()
                .map(role -> new StatementExecutor(vertx, creator.rolePool(role, config.tenantConnections())))
                .orElse(null);
    }

    /** Without row-level security. */
    Database(Vertx vertx, StatementExecutor general, StatementExecutor persist, int persistConnections) {
        this.vertx = vertx;
        this.general = general;
        this.persist = persist;
        this.persistConnections = persistConnections;
        this.tenants = null;
    }

    /** Initialises the general pool, because its creator can open another one only afterwards. */
    private static io.vertx.sqlclient.Pool initialized(Pool pool) {
        pool.size();
        return pool.getDelegate();
    }

    /** The pool for statements that end a lease or store a revocation; the other methods use the general pool. */
    public StatementExecutor persist() {
        return persist;
    }

    /**
     * The pool for statements of a caller in its tenant. With row-level security a statement sees only the rows of
     * {@code tenant}.
     */
    public StatementExecutor within(TenantId tenant) {
        return tenants == null ? general : tenants.within(tenant);
    }

    /** Whether row-level security is configured. */
    boolean hasRowSecurity() {
        return tenants != null;
    }

    /** As {@link StatementExecutor#executeForRow}. */
    public <T> Uni<Optional<T>> executeForRow(String sql, Tuple values, Function<Row, T> reader) {
        return general.executeForRow(sql, values, reader);
    }

    /** As {@link StatementExecutor#executeForRows}. */
    public <T> Uni<List<T>> executeForRows(String sql, Tuple values, Function<Row, T> reader) {
        return general.executeForRows(sql, values, reader);
    }

    /** As {@link StatementExecutor#executeUpdate}. */
    public Uni<Integer> executeUpdate(String sql, Tuple values) {
        return general.executeUpdate(sql, values);
    }

    /** As {@link StatementExecutor#selectRow}. */
    public <T> Uni<Optional<T>> selectRow(String sql, Tuple values, Function<Row, T> reader) {
        return general.selectRow(sql, values, reader);
    }

    /** As {@link StatementExecutor#selectSharedRow}. */
    public <T> Uni<Optional<T>> selectSharedRow(String sql, Tuple values, Function<Row, T> reader) {
        return general.selectSharedRow(sql, values, reader);
    }

    /** As {@link StatementExecutor#selectRows}. */
    public <T> Uni<List<T>> selectRows(String sql, Tuple values, Function<Row, T> reader) {
        return general.selectRows(sql, values, reader);
    }

    void start(@Observes StartupEvent event) {
        warmUp = vertx.setPeriodic(0, WARM_UP_INTERVAL_MS, ignored -> persist.warmUp(persistConnections));
    }

    void stop(@Observes @Priority(ShutdownOrder.CLOSE_POOLS) ShutdownEvent event) {
        vertx.cancelTimer(warmUp);
        persist.close();
        if (tenants != null) {
            tenants.close();
        }
    }
}
