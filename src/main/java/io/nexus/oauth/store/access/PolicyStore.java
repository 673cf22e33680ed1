package io.nexus.oauth.store.access;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Stores access policies as JSON documents. Non-blocking; fails with {@code StorageException} when the database cannot
 * be used.
 */
@ApplicationScoped
public class PolicyStore {

    /** Aggregated into one row, because concurrent callers share single rows only. */
    private static final String CURRENT = """
            SELECT coalesce(array_agg(policy_name ORDER BY policy_name), '{}') AS names,
              coalesce(array_agg(document ORDER BY policy_name), '{}') AS documents,
              coalesce(array_agg(coalesce(digest, '') ORDER BY policy_name), '{}') AS digests FROM access_policies""";

    private static final String ALL = """
            SELECT policy_name, document, coalesce(digest, '') AS digest, updated_by, updated_at FROM access_policies
            ORDER BY policy_name LIMIT 10000""";

    private static final String NOT_UNDER = """
            SELECT policy_name, document, digest FROM access_policies
            WHERE NOT starts_with(digest, $1::text || '.') ORDER BY policy_name LIMIT 10000""";

    private static final String RENEW = """
            UPDATE access_policies SET digest = $4::text
            WHERE policy_name = $1::text AND document = $2::text AND digest = $3::text""";

    /** An existing row has an xmax, because the update locked it. */
    private static final String SAVE = """
            WITH saved AS (
              INSERT INTO access_policies (policy_name, document, digest, updated_by, updated_at)
              VALUES ($1::text, $2::text, $3::text, $4::text, $5::timestamptz)
              ON CONFLICT (policy_name) DO UPDATE SET document = EXCLUDED.document, digest = EXCLUDED.digest,
                updated_by = EXCLUDED.updated_by, updated_at = EXCLUDED.updated_at
              RETURNING xmax = 0 AS is_new)
            %s""".formatted(AuditInsert.in(
                    "$6::text", "CASE WHEN is_new THEN 'policy_stored' ELSE 'policy_changed' END", "$4::text")
            .subject("$1::text")
            .detail("$7::text")
            .from("saved"));

    private static final String REMOVE = """
            WITH gone AS (DELETE FROM access_policies WHERE policy_name = $1::text RETURNING policy_name)
            %s""".formatted(AuditInsert.in("$2::text", "'policy_deleted'", "$3::text")
            .subject("policy_name")
            .from("gone"));

    /** The highest number of characters of a policy in its audit event. */
    private static final int MAX_DETAIL_LENGTH = 4_000;

    private final Database database;

    PolicyStore(Database database) {
        this.database = database;
    }

    /** All policies, ordered by name. Concurrent callers share one statement. */
    public Uni<List<Stored>> current() {
        return database.selectSharedRow(CURRENT, Tuple.tuple(), PolicyStore::together)
                .map(found -> found.orElse(List.of()));
    }

    /** All policies, ordered by name, with their authors. */
    public Uni<List<Change>> all() {
        return database.selectRows(
                ALL,
                Tuple.tuple(),
                row -> new Change(
                        stored(row),
                        row.getString("updated_by"),
                        row.getOffsetDateTime("updated_at").toInstant()));
    }

    /** The policies whose digest uses another master key than {@code keyId}. */
    public Uni<List<Stored>> notUnder(String keyId) {
        return database.selectRows(NOT_UNDER, Tuple.of(keyId), PolicyStore::stored);
    }

    /** Replaces the digest of {@code policy}, unless the policy changed since it was read. */
    public Uni<Void> renew(Stored policy, String digest) {
        return database.executeUpdate(RENEW, Tuple.of(policy.name(), policy.document(), policy.digest(), digest))
                .replaceWithVoid();
    }

    /**
     * Stores a policy or replaces the one with its name. The audit event in {@code tenant}'s trail contains the policy.
     */
    public Uni<Void> save(Change change, TenantId tenant) {
        String document = change.policy().document();
        Tuple values = Tuple.of(
                change.policy().name(),
                document,
                change.policy().digest(),
                change.updatedBy(),
                ColumnTexts.ofInstant(change.updatedAt()),
                tenant.value());
        values.addString(
                document.length() <= MAX_DETAIL_LENGTH ? document : document.substring(0, MAX_DETAIL_LENGTH) + " ...");
        return database.executeUpdate(SAVE, values).replaceWithVoid();
    }

    /**
     * Deletes a policy for {@code actor}, with an audit event in {@code tenant}'s trail. Returns false when there was
     * none.
     */
    public Uni<Boolean> remove(String name, TenantId tenant, String actor) {
        return database.executeUpdate(REMOVE, Tuple.of(name, tenant.value(), actor))
                .map(gone -> gone == 1);
    }

    private static List<Stored> together(Row row) {
        String[] names = row.getArrayOfStrings("names");
        String[] documents = row.getArrayOfStrings("documents");
        String[] digests = row.getArrayOfStrings("digests");
        return IntStream.range(0, names.length)
                .mapToObj(i -> new Stored(names[i], documents[i], digests[i]))
                .toList();
    }

    private static Stored stored(Row row) {
        return new Stored(row.getString("policy_name"), row.getString("document"), row.getString("digest"));
    }

    /**
     * A stored policy.
     *
     * @param digest the keyed digest of name and document; an empty text when there is none
     */
    public record Stored(String name, String document, String digest) {}

    /** A policy with its author and the time of the change. */
    public record Change(Stored policy, String updatedBy, Instant updatedAt) {}
}
