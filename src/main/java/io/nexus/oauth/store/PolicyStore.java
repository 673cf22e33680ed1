package io.nexus.oauth.store;

import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;

/** What callers may do, as lines of JSON. Non-blocking; fails with {@link StorageException} when the database cannot be used. */
@ApplicationScoped
public class PolicyStore {

    private static final String DOCUMENTS =
            "SELECT coalesce(string_agg(document, E'\\n' ORDER BY policy_name), '') AS documents FROM access_policies";

    private static final String ALL =
            "SELECT document, updated_by, updated_at FROM access_policies ORDER BY policy_name LIMIT 10000";

    /** A row that was there before has an xmax: it was locked for the update. */
    private static final String SAVE = """
            WITH saved AS (
              INSERT INTO access_policies (policy_name, document, updated_by, updated_at)
              VALUES ($1::text, $2::text, $3::text, $4::timestamptz)
              ON CONFLICT (policy_name) DO UPDATE
              SET document = EXCLUDED.document, updated_by = EXCLUDED.updated_by, updated_at = EXCLUDED.updated_at
              RETURNING xmax = 0 AS is_new)
            INSERT INTO audit_events (tenant_id, operation, actor, subject, detail)
            SELECT $5::text, CASE WHEN is_new THEN 'policy_stored' ELSE 'policy_changed' END, $3::text, $1::text, $6::text
            FROM saved""";

    private static final String REMOVE = """
            WITH gone AS (DELETE FROM access_policies WHERE policy_name = $1::text RETURNING policy_name)
            INSERT INTO audit_events (tenant_id, operation, actor, subject)
            SELECT $2::text, 'policy_deleted', $3::text, policy_name FROM gone""";

    /** A line of the trail is no archive. */
    private static final int MOST_TOLD = 4_000;

    private final Database database;

    PolicyStore(Database database) {
        this.database = database;
    }

    /** All documents, a line each. Many callers may wait for this, so they share a statement. */
    public Uni<String> documents() {
        return database.shared(DOCUMENTS, Tuple.tuple(), row -> row.getString("documents"))
                .map(found -> found.orElse(""));
    }

    /** All policies in the order of their names. */
    public Uni<List<Stored>> all() {
        return database.list(
                ALL,
                Tuple.tuple(),
                row -> new Stored(
                        row.getString("document"),
                        row.getString("updated_by"),
                        row.getOffsetDateTime("updated_at").toInstant()));
    }

    /** Stores a policy, or replaces the one of that name; the line of the trail, in {@code tenant}'s, says what it grants. */
    public Uni<Void> save(String name, Stored policy, TenantId tenant) {
        String document = policy.document();
        Tuple values =
                Tuple.of(name, document, policy.updatedBy(), Texts.ofInstant(policy.updatedAt()), tenant.value());
        values.addString(document.length() <= MOST_TOLD ? document : document.substring(0, MOST_TOLD) + " ...");
        return database.change(SAVE, values).replaceWithVoid();
    }

    /** Deletes a policy for {@code actor}; {@code tenant}'s trail says so. False when there was none. */
    public Uni<Boolean> remove(String name, TenantId tenant, String actor) {
        return database.change(REMOVE, Tuple.of(name, tenant.value(), actor)).map(gone -> gone == 1);
    }

    /** A policy, who wrote it and when. */
    public record Stored(String document, String updatedBy, Instant updatedAt) {}
}
