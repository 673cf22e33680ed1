package io.nexus.oauth.store.connection;

import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Checks the database. */
@ApplicationScoped
public class DatabaseProbe {

    private static final String ACTIVE = """
            SELECT bool_and(row_security_active(narrowed)) AS active
            FROM unnest(ARRAY['oauth_credentials', 'oauth_clients', 'client_keys', 'connect_sessions', 'api_keys', 'audit_events',
              'revocation_outbox', 'tenant_counts', 'credential_usage']) AS narrowed""";

    private final Database database;
    private final ChangeFeed feed;

    DatabaseProbe(Database database, ChangeFeed feed) {
        this.database = database;
        this.feed = feed;
    }

    /** As {@link ChangeFeed#waiting}. */
    public Optional<String> waiting() {
        return feed.waiting();
    }

    /** Completes when the database responds; fails with {@code StorageException} when it does not. Non-blocking. */
    public Uni<Void> ping() {
        return database.selectRow("SELECT 1", Tuple.tuple(), row -> row).replaceWithVoid();
    }

    /**
     * Whether row-level security is as configured: not configured, or active for the statements of a tenant.
     * Non-blocking; fails with {@code StorageException}, also when the role is missing.
     */
    public Uni<Boolean> isolates() {
        return database.hasRowSecurity()
                ? database.within(TenantId.DEFAULT)
                        .selectRow(ACTIVE, Tuple.tuple(), row -> row.getBoolean("active"))
                        .map(found -> found.orElse(false))
                : Uni.createFrom().item(true);
    }
}
