package io.nexus.oauth.store.access;

import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditRow;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.AsStorageException;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Stores API keys by their digests. Non-blocking; fails with {@code StorageException} when the database cannot be used.
 */
@AsStorageException
@ApplicationScoped
public class ApiKeyStore implements PanacheRepositoryBase<ApiKeyRow, String> {

    private static final String KEYS = """
            SELECT key_id, tenant_id, name, roles, digest, terms_digest, created_by, created_at, expires_at, revoked_at, last_used_at
            FROM api_keys WHERE\s""";

    private static final String GET = KEYS + "key_id = $1";

    private static final String ALL = KEYS + "tenant_id = $1 ORDER BY created_at, key_id";

    /** Neither revoked nor expired. */
    private static final String LIVE = "tenant = :tenant and revokedAt is null and expiresAt > :at";

    private static final String LOCK = """
            SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended(:tenant, 0))) AS locked""";

    private static final String USED = """
            UPDATE api_keys k SET last_used_at = GREATEST(k.last_used_at, used.at)
            FROM unnest($1::text[], $2::timestamptz[]) AS used(id, at) WHERE k.key_id = used.id""";

    private static final String RENEW = """
            UPDATE api_keys SET digest = $3::text, terms_digest = $4::text
            WHERE key_id = $1::text AND digest = $2::text""";

    private final Database database;

    ApiKeyStore(Database database) {
        this.database = database;
    }

    /**
     * The key {@code id}, even if revoked or expired. A single statement with a deadline, because every caller waits
     * for it.
     */
    public Uni<Optional<ApiKey>> get(String id) {
        return database.selectSharedRow(GET, Tuple.of(id), ApiKeyStore::read);
    }

    /** The tenant's keys in the order of their creation. */
    public Uni<List<ApiKey>> all(TenantId tenant) {
        return database.within(tenant).selectRows(ALL, Tuple.of(tenant.value()), ApiKeyStore::read);
    }

    /**
     * Stores a new key. Returns false when the tenant has {@code most} live ones; then nothing changes. A lock holds for the tenant
     * until the transaction ends, so two requests do not share the last place.
     */
    @WithTransaction
    public Uni<Boolean> add(ApiKey key, int most) {
        return getSession()
                .chain(session -> session.createNativeQuery(LOCK, Integer.class)
                        .setParameter("tenant", "api_keys:" + key.tenant().value())
                        .getSingleResult())
                .chain(() -> count(LIVE, Map.of("tenant", key.tenant().value(), "at", key.createdAt())))
                .chain(live -> live >= most
                        ? Uni.createFrom().item(false)
                        : persist(ApiKeyRow.of(key))
                                .call(() -> AuditRow.of("api_key_issued", key.tenant(), key.createdBy(), key.id())
                                        .detailed(String.join(" ", new TreeSet<>(key.roles())))
                                        .persist())
                                .replaceWith(true));
    }

    /**
     * Revokes the tenant's key {@code id} for {@code actor}. Returns false when there is none or it was already
     * revoked.
     */
    @WithTransaction
    public Uni<Boolean> revoke(TenantId tenant, String id, Instant at, String actor) {
        return update(
                        "revokedAt = :at where id = :id and tenant = :tenant and revokedAt is null",
                        Map.of("at", at, "id", id, "tenant", tenant.value()))
                .call(changed -> changed == 1
                        ? AuditRow.of("api_key_revoked", tenant, actor, id).persist()
                        : Uni.createFrom().voidItem())
                .map(changed -> changed == 1);
    }

    /** Stores when keys were last used. Deleted keys are skipped. */
    public Uni<Void> used(Map<String, Instant> times) {
        List<Map.Entry<String, Instant>> all = List.copyOf(times.entrySet());
        Tuple values = Tuple.tuple()
                .addArrayOfString(all.stream().map(Map.Entry::getKey).toArray(String[]::new))
                .addArrayOfOffsetDateTime(all.stream()
                        .map(each -> ColumnTexts.ofInstant(each.getValue()))
                        .toArray(OffsetDateTime[]::new));
        return database.executeUpdate(USED, values).replaceWithVoid();
    }

    /** Replaces the digests of the stored key by those of {@code renewed}, if its digest is still {@code old}. */
    public Uni<Void> renew(ApiKey renewed, String old) {
        return database.executeUpdate(RENEW, Tuple.of(renewed.id(), old, renewed.digest(), renewed.termsDigest()))
                .replaceWithVoid();
    }

    private static ApiKey read(Row row) {
        return new ApiKey(
                row.getString("key_id"),
                new TenantId(row.getString("tenant_id")),
                row.getString("name"),
                Set.copyOf(List.of(row.getString("roles").split(" "))),
                row.getString("digest"),
                row.getString("terms_digest"),
                row.getString("created_by"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("expires_at").toInstant(),
                ColumnTexts.instant(row.getOffsetDateTime("revoked_at")),
                ColumnTexts.instant(row.getOffsetDateTime("last_used_at")));
    }
}
