package io.nexus.oauth.store.keys;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.TenantCounts;
import io.nexus.oauth.credential.TenantId;
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

/** The keys of tenants, sealed, and which tenants were shredded. Non-blocking; fails with {@code StorageException}. */
@ApplicationScoped
public class TenantKeyStore {

    /** How many credentials of a shredded tenant are ended at once. */
    public static final int ENDED_AT_ONCE = 500;

    private static final String FIND = """
            SELECT t.tenant_id, k.key_id, k.encrypted_key, s.shredded_at, s.shredded_by
            FROM (VALUES ($1::text)) AS t (tenant_id) LEFT JOIN tenant_keys k USING (tenant_id)
              LEFT JOIN shredded_tenants s USING (tenant_id) ORDER BY k.created_at, k.key_id""";

    /** Who makes a tenant's first key at the same moment makes one more, and all are kept. */
    private static final String ADD = """
            INSERT INTO tenant_keys (tenant_id, key_id, encrypted_key)
            SELECT $1::text, $2::text, $3::text
            WHERE NOT EXISTS (SELECT FROM tenant_keys WHERE tenant_id = $1::text AND key_id <> ALL ($4::text[]))
              AND NOT EXISTS (SELECT FROM shredded_tenants WHERE tenant_id = $1::text)""";

    private static final String LACKING = """
            SELECT t.tenant_id FROM unnest($1::text[]) AS t (tenant_id)
            WHERE NOT EXISTS (SELECT FROM tenant_keys k WHERE k.tenant_id = t.tenant_id)
              AND NOT EXISTS (SELECT FROM shredded_tenants s WHERE s.tenant_id = t.tenant_id)""";

    private static final String BRING_BACK = """
            INSERT INTO tenant_keys (tenant_id, key_id, encrypted_key) SELECT $1::text, $2::text, $3::text
            WHERE NOT EXISTS (SELECT FROM shredded_tenants WHERE tenant_id = $1::text) ON CONFLICT DO NOTHING""";

    private static final String BURY_AGAIN = """
            INSERT INTO shredded_tenants (tenant_id, shredded_by) SELECT t, 'system' FROM unnest($1::text[]) AS t
            ON CONFLICT DO NOTHING""";

    /** Nothing happens where something would be lost that nobody gave up: all of it is one decision. */
    private static final String SHRED = """
            WITH shredded AS (
              INSERT INTO shredded_tenants (tenant_id, shredded_by) SELECT $1::text, $2::text
              WHERE $3::boolean OR NOT EXISTS (SELECT FROM oauth_credentials WHERE tenant_id = $1::text AND status <> 'revoked')
                AND NOT EXISTS (SELECT FROM revocation_outbox WHERE tenant_id = $1::text)
              ON CONFLICT DO NOTHING RETURNING tenant_id),
            logged AS (
              INSERT INTO audit_events (tenant_id, operation, actor) SELECT tenant_id, 'tenant_shredded', $2::text FROM shredded)
            SELECT count(*) AS n FROM shredded""";

    private static final String DESTROY = """
            WITH dead AS (SELECT tenant_id FROM shredded_tenants WHERE tenant_id = $1::text),
            sessions AS (DELETE FROM connect_sessions x USING dead WHERE x.tenant_id = dead.tenant_id),
            clients AS (DELETE FROM oauth_clients x USING dead WHERE x.tenant_id = dead.tenant_id),
            queued AS (DELETE FROM revocation_outbox x USING dead WHERE x.tenant_id = dead.tenant_id)
            DELETE FROM tenant_keys x USING dead WHERE x.tenant_id = dead.tenant_id""";

    /** As a revocation, but there is nothing left to show the provider. */
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
              INSERT INTO audit_events (tenant_id, operation, credential_id, provider, user_email, actor, token_version, detail)
              SELECT tenant_id, 'credential_revoked', credential_id, provider, user_email, 'system', token_version,
                'tenant shredded' FROM ended)
            SELECT c.credential_id, %s FROM ended c""".formatted(ENDED_AT_ONCE, ChangeFeed.TELL);

    private static final String NEWS = """
            SELECT tenant_id FROM shredded_tenants
            WHERE shredded_at > clock_timestamp() - $1::bigint * interval '1 millisecond'""";

    private static final String TALLY = """
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
     * What is stored of a tenant's keys.
     *
     * @param keys the oldest first; none before the first secret is sealed
     * @param shreddedAt when they were destroyed for good; null when they were not
     * @param shreddedBy who did it
     */
    public record Keys(
            List<SealedTenantKey> keys,
            @Nullable Instant shreddedAt,
            @Nullable String shreddedBy) {}

    /** What is stored of {@code tenant}'s keys. */
    public Uni<Keys> find(TenantId tenant) {
        return database.list(FIND, Tuple.of(tenant.value()), Function.identity())
                .map(rows -> new Keys(
                        rows.stream()
                                .filter(row -> row.getString("key_id") != null)
                                .map(TenantKeyStore::key)
                                .toList(),
                        ColumnTexts.instant(rows.getFirst().getOffsetDateTime("shredded_at")),
                        rows.getFirst().getString("shredded_by")));
    }

    /** Stores a key of a tenant that has none but for {@code lost} ones, which do not open, and was not shredded; else nothing happens. */
    public Uni<Void> add(SealedTenantKey key, List<String> lost) {
        Tuple values = Tuple.tuple()
                .addString(key.tenant().value())
                .addString(key.id())
                .addString(key.sealed().text())
                .addArrayOfString(lost.toArray(String[]::new));
        return database.persist().change(ADD, values).replaceWithVoid();
    }

    /** Those of {@code tenants} of which no key is stored and that were not shredded. */
    public Uni<List<TenantId>> lacking(List<TenantId> tenants) {
        return database.list(LACKING, names(tenants), TenantKeyStore::tenant);
    }

    /** Stores a key that the database had and forgot. */
    public Uni<Void> bringBack(SealedTenantKey key) {
        return database.persist()
                .change(
                        BRING_BACK,
                        Tuple.of(key.tenant().value(), key.id(), key.sealed().text()))
                .replaceWithVoid();
    }

    /** Says again that {@code tenants} were shredded, to a database that may have forgotten it. */
    public Uni<Void> buryAgain(List<TenantId> tenants) {
        return database.persist().change(BURY_AGAIN, names(tenants)).replaceWithVoid();
    }

    /**
     * Decides that {@code tenant} is shredded, with its line in the audit trail. False when it was before, and when it has a credential
     * that is not revoked or a revocation that its provider has not confirmed, unless {@code force}: then nothing happens.
     */
    public Uni<Boolean> shred(TenantId tenant, boolean force, String by) {
        return database.persist()
                .first(SHRED, Tuple.of(tenant.value(), by, force), row -> row.getLong("n") > 0)
                .map(done -> done.orElse(false));
    }

    /** Deletes the keys of a tenant that was shredded, and what only they opened. Does nothing to any other tenant; safe to repeat. */
    public Uni<Void> destroy(TenantId tenant) {
        return database.persist().change(DESTROY, Tuple.of(tenant.value())).replaceWithVoid();
    }

    /** Ends {@link #ENDED_AT_ONCE} credentials of a tenant that was shredded; how many there were. */
    public Uni<Integer> end(TenantId tenant) {
        return database.persist()
                .all(END, Tuple.of(tenant.value()), row -> row.getUUID("credential_id"))
                .map(List::size);
    }

    /** Who was shredded within the last {@code time}. */
    public Uni<List<TenantId>> shreddedWithin(Duration time) {
        return database.list(NEWS, Tuple.of(time.toMillis()), TenantKeyStore::tenant);
    }

    /** What {@code tenant} has. */
    public Uni<TenantCounts> tally(TenantId tenant) {
        return database.find(
                        TALLY,
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
