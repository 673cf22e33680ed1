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
 * The lanes to the database. Storing what a provider answered cannot wait behind reads: the answer may be the only copy of a
 * grant, so it has connections of its own, which stay open when the server has no room for new ones. Where row-level security is on, what a caller asks of its tenant has a third,
 * whose connections see no row until a tenant is named.
 */
@ApplicationScoped
public class Database {

    /** More often than the pool lets idle connections go. */
    private static final long EXERCISE_MS = 4_000;

    private final Vertx vertx;
    private final int persistConnections;
    private final StatementExecutor general;
    private final StatementExecutor persist;
    private final @Nullable StatementExecutor tenants;
    private volatile long exercise = -1;

    @Inject
    Database(Vertx vertx, Pool pool, BoundedPool creator, DatabaseConfig config) {
        this.vertx = vertx;
        this.general = new StatementExecutor(vertx, made(pool));
        this.persist = new StatementExecutor(vertx, creator.another(config.persistConnections()));
        this.persistConnections = config.persistConnections();
        this.tenants = config.tenantRole()
                .map(role -> new StatementExecutor(vertx, creator.as(role, config.tenantConnections())))
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

    /** The pool's creator can make another only after the first is made. */
    private static io.vertx.sqlclient.Pool made(Pool pool) {
        pool.size();
        return pool.getDelegate();
    }

    /** For what ends a claim or keeps a revocation; the methods here are for everything else. */
    public StatementExecutor persist() {
        return persist;
    }

    /**
     * For what a caller asks of its tenant: where row-level security is on, a statement sees this tenant's rows and no others,
     * whatever it says.
     */
    public StatementExecutor within(TenantId tenant) {
        return tenants == null ? general : tenants.within(tenant);
    }

    /** Whether row-level security is asked for. */
    boolean isNarrowing() {
        return tenants != null;
    }

    /** As {@link StatementExecutor#first}. */
    public <T> Uni<Optional<T>> first(String sql, Tuple values, Function<Row, T> reader) {
        return general.first(sql, values, reader);
    }

    /** As {@link StatementExecutor#all}. */
    public <T> Uni<List<T>> all(String sql, Tuple values, Function<Row, T> reader) {
        return general.all(sql, values, reader);
    }

    /** As {@link StatementExecutor#change}. */
    public Uni<Integer> change(String sql, Tuple values) {
        return general.change(sql, values);
    }

    /** As {@link StatementExecutor#find}. */
    public <T> Uni<Optional<T>> find(String sql, Tuple values, Function<Row, T> reader) {
        return general.find(sql, values, reader);
    }

    /** As {@link StatementExecutor#shared}. */
    public <T> Uni<Optional<T>> shared(String sql, Tuple values, Function<Row, T> reader) {
        return general.shared(sql, values, reader);
    }

    /** As {@link StatementExecutor#list}. */
    public <T> Uni<List<T>> list(String sql, Tuple values, Function<Row, T> reader) {
        return general.list(sql, values, reader);
    }

    void start(@Observes StartupEvent event) {
        exercise = vertx.setPeriodic(0, EXERCISE_MS, ignored -> persist.exercise(persistConnections));
    }

    void stop(@Observes @Priority(ShutdownOrder.CLOSE_POOLS) ShutdownEvent event) {
        vertx.cancelTimer(exercise);
        persist.close();
        if (tenants != null) {
            tenants.close();
        }
    }
}
