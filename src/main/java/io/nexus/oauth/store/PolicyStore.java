package io.nexus.oauth.store;

import io.nexus.oauth.credential.StorageException;
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

    private static final String SAVE = """
            INSERT INTO access_policies (policy_name, document, updated_by, updated_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (policy_name) DO UPDATE
            SET document = EXCLUDED.document, updated_by = EXCLUDED.updated_by, updated_at = EXCLUDED.updated_at""";

    private static final String REMOVE = "DELETE FROM access_policies WHERE policy_name = $1";

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

    /** Stores a policy, or replaces the one of that name. */
    public Uni<Void> save(String name, Stored policy) {
        return database.change(
                        SAVE,
                        Tuple.of(name, policy.document(), policy.updatedBy(), Texts.ofInstant(policy.updatedAt())))
                .replaceWithVoid();
    }

    /** Deletes a policy. False when there was none. */
    public Uni<Boolean> remove(String name) {
        return database.change(REMOVE, Tuple.of(name)).map(gone -> gone == 1);
    }

    /** A policy, who wrote it and when. */
    public record Stored(String document, String updatedBy, Instant updatedAt) {}
}
