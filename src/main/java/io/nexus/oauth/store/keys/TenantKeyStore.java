package io.nexus.oauth.store.keys;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.TenantCounts;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stores the sealed keys of tenants, and which tenants were shredded. Non-blocking; fails with {@code
 * StorageException}.
 */
@ApplicationScoped
public class TenantKeyStore {

    /** The highest number of credentials of a shredded tenant that one {@link #end} revokes. */
    public static final int END_BATCH = 500;

    private static final String FIND = """
            SELECT t.tenant_id, k.key_id, k.encrypted_key, s.shredded_at, s.shredded_by
            FROM (VALUES ($1::text)) AS t (tenant_id) LEFT JOIN tenant_keys k USING (tenant_id)
              LEFT JOIN shredded_tenants s USING (tenant_id) ORDER BY k.created_at, k.key_id""";

    /** Replicas that create a tenant's first key at the same time each store one, and all keys are kept. */
    private static final String ADD = """
            INSERT INTO tenant_keys (tenant_id, key_id, encrypted_key)
            SELECT $1::text, $2::text, $3::text
            WHERE NOT EXISTS (SELECT FROM tenant_keys WHERE tenant_id = $1::text AND key_id <> ALL ($4::text[]))
              AND NOT EXISTS (SELECT FROM shredded_tenants WHERE tenant_id = $1::text)""";

    private static final String WITHOUT_KEY = """
            SELECT t.tenant_id FROM unnest($1::text[]) AS t (tenant_id)
            WHERE NOT EXISTS (SELECT FROM tenant_keys k WHERE k.tenant_id = t.tenant_id)
              AND NOT EXISTS (SELECT FROM shredded_tenants s WHERE s.tenant_id = t.tenant_id)""";

    private static final String RESTORE = """
            INSERT INTO tenant_keys (tenant_id, key_id, encrypted_key) SELECT $1::text, $2::text, $3::text
            WHERE NOT EXISTS (SELECT FROM shredded_tenants WHERE tenant_id = $1::text) ON CONFLICT DO NOTHING""";

    private static final String RESTORE_SHREDDED = """
            INSERT INTO shredded_tenants (tenant_id, shredded_by) SELECT t, 'system' FROM unnest($1::text[]) AS t
            ON CONFLICT DO NOTHING""";

    /** Changes nothing when a credential would be lost that is not revoked. Check and change are one statement. */
    private static final String SHRED =
            """
            WITH shredded AS (
              INSERT INTO shredded_tenants (tenant_id, shredded_by) SELECT $1::text, $2::text
              WHERE $3::boolean OR NOT EXISTS (SELECT FROM oauth_credentials WHERE tenant_id = $1::text AND status <> 'revoked')
                AND NOT EXISTS (SELECT FROM revocation_outbox WHERE tenant_id = $1::text)
              ON CONFLICT DO NOTHING RETURNING tenant_id),
            logged AS (
              %s)
            SELECT count(*) AS n FROM shredded""".formatted(AuditInsert.of("'tenant_shredded'", "$2::text").from("shredded"));

    private static final String DESTROY = """
            WITH dead AS (SELECT tenant_id FROM shredded_tenants WHERE tenant_id = $1::text),
            sessions AS (DELETE FROM connect_sessions x USING dead WHERE x.tenant_id = dead.tenant_id),
            clients AS (DELETE FROM oauth_clients x USING dead WHERE x.tenant_id = dead.tenant_id),
            queued AS (DELETE FROM revocation_outbox x USING dead WHERE x.tenant_id = dead.tenant_id)
            DELETE FROM tenant_keys x USING dead WHERE x.tenant_id = dead.tenant_id""";

    /** Like a revocation, but without a request to the provider, because the secrets are destroyed. */
    private static final String END = """
            WITH page AS (
              SELECT c.credential_id FROM oauth_credentials c JOIN shredded_tenants s USING (tenant_id)
              WHERE c.tenant_id = $1::text AND c.status <> 'revoked' LIMIT %d FOR UPDATE OF c),
            ended AS (
              UPDATE oauth_credentials c SET status = 'revoked', revoked_at = clock_timestamp(),
                encrypted_access_token = NULL, encrypted_refresh_token = NULL, next_refresh_at = NULL,
                lease_epoch = c.lease_epoch + 1, token_epoch = c.lease_epoch + 1, token_version = c.token_version + 1,
                lease_attempt = NULL, lease_owner = NULL, lease_until = NULL, unresolved = 0, suspected_at = NULL,
                updated_at = clock_timestamp()
              FROM page WHERE c.credential_id = page.credential_id RETURNING c.*),
            logged AS (
              %s)
            SELECT c.credential_id, %s FROM ended c""".formatted(
                    END_BATCH,
                    AuditInsert.of("'credential_revoked'", "'system'")
                            .ofCredential()
                            .version("token_version")
                            .detail("'tenant shredded'")
                            .from("ended"),
                    ChangeFeed.NOTIFY);

    private static final String SHREDDED_SINCE = """
            SELECT tenant_id FROM shredded_tenants
            WHERE shredded_at > clock_timestamp() - $1::bigint * interval '1 millisecond'""";

    private static final String COUNT = """
            SELECT (SELECT count(*) FROM oauth_credentials WHERE tenant_id = $1::text AND status = 'active') AS active,
              (SELECT count(*) FROM oauth_credentials WHERE tenant_id = $1::text AND status = 'reauth_required') AS reauth_required,
              (SELECT count(*) FROM oauth_credentials WHERE tenant_id = $1::text AND status = 'revoked') AS revoked,
              (SELECT count(*) FROM revocation_outbox WHERE tenant_id = $1::text) AS pending,
              (SELECT count(*) FROM oauth_clients WHERE tenant_id = $1::text) AS clients""";

    private final Database database;

    TenantKeyStore(Database database) {
        this.database = database;
    }

    /**
     * The stored keys of a tenant.
     *
     * @param keys the keys, oldest first; none before the first secret is sealed
     * @param shreddedAt when the tenant was shredded, or null
     * @param shreddedBy the caller that shredded it, or null
     */
    public record Keys(
            List<SealedTenantKey> keys,
            @Nullable Instant shreddedAt,
            @Nullable String shreddedBy) {}

    /** The stored keys of {@code tenant}. */
    public Uni<Keys> find(TenantId tenant) {
        return database.selectRows(FIND, Tuple.of(tenant.value()), Function.identity())
                .map(rows -> new Keys(
                        rows.stream()
                                .filter(row -> row.getString("key_id") != null)
                                .map(TenantKeyStore::key)
                                .toList(),
                        ColumnTexts.instant(rows.getFirst().getOffsetDateTime("shredded_at")),
                        rows.getFirst().getString("shredded_by")));
    }

    /**
     * Stores a key of a tenant that is not shredded and has no keys but the {@code lost} ones, which cannot be
     * decrypted; otherwise changes nothing.
     */
    public Uni<Void> add(SealedTenantKey key, List<String> lost) {
        Tuple values = Tuple.tuple()
                .addString(key.tenant().value())
                .addString(key.id())
                .addString(key.sealed().text())
                .addArrayOfString(lost.toArray(String[]::new));
        return database.persist().executeUpdate(ADD, values).replaceWithVoid();
    }

    /** Those of {@code tenants} that have no stored key and are not shredded. */
    public Uni<List<TenantId>> withoutKey(List<TenantId> tenants) {
        return database.selectRows(WITHOUT_KEY, names(tenants), TenantKeyStore::tenant);
    }

    /** Stores a key that the database lost. */
    public Uni<Void> restore(SealedTenantKey key) {
        return database.persist()
                .executeUpdate(
                        RESTORE,
                        Tuple.of(key.tenant().value(), key.id(), key.sealed().text()))
                .replaceWithVoid();
    }

    /** Marks {@code tenants} as shredded again, in a database that may have lost it. */
    public Uni<Void> restoreShredded(List<TenantId> tenants) {
        return database.persist()
                .executeUpdate(RESTORE_SHREDDED, names(tenants))
                .replaceWithVoid();
    }

    /**
     * Marks {@code tenant} as shredded, with an audit event. Returns false and changes nothing when it is already
     * shredded; also, unless {@code force}, when it has a credential that is not revoked or a revocation that the
     * provider has not confirmed.
     */
    public Uni<Boolean> shred(TenantId tenant, boolean force, String by) {
        return database.persist()
                .executeForRow(SHRED, Tuple.of(tenant.value(), by, force), row -> row.getLong("n") > 0)
                .map(done -> done.orElse(false));
    }

    /**
     * Deletes the keys of a shredded tenant and the rows that only these keys decrypt. Does nothing to any other
     * tenant; safe to repeat.
     */
    public Uni<Void> destroy(TenantId tenant) {
        return database.persist()
                .executeUpdate(DESTROY, Tuple.of(tenant.value()))
                .replaceWithVoid();
    }

    /** Revokes up to {@link #END_BATCH} credentials of a shredded tenant; returns their number. */
    public Uni<Integer> end(TenantId tenant) {
        return database.persist()
                .executeForRows(END, Tuple.of(tenant.value()), row -> row.getUUID("credential_id"))
                .map(List::size);
    }

    /** The tenants that were shredded within the last {@code time}. */
    public Uni<List<TenantId>> shreddedWithin(Duration time) {
        return database.selectRows(SHREDDED_SINCE, Tuple.of(time.toMillis()), TenantKeyStore::tenant);
    }

    /** The number of records of {@code tenant}. */
    public Uni<TenantCounts> count(TenantId tenant) {
        return database.selectRow(
                        COUNT,
                        Tuple.of(tenant.value()),
                        row -> new TenantCounts(
                                row.getLong("active"),
                                row.getLong("reauth_required"),
                                row.getLong("revoked"),
                                row.getLong("pending"),
                                row.getLong("clients")))
                .map(Optional::orElseThrow);
    }

    private static Tuple names(List<TenantId> tenants) {
        return Tuple.tuple()
                .addArrayOfString(tenants.stream().map(TenantId::value).toArray(String[]::new));
    }

    private static TenantId tenant(Row row) {
        return new TenantId(row.getString("tenant_id"));
    }

    private static SealedTenantKey key(Row row) {
        return new SealedTenantKey(
                tenant(row), row.getString("key_id"), new SealedSecret(row.getString("encrypted_key")));
    }
}
