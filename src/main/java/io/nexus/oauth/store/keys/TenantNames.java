package io.nexus.oauth.store.keys;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lists the tenants that own a row. There is no table of tenants: a tenant begins with its first API key, OAuth client or
 * credential. Non-blocking; fails with {@code StorageException}.
 */
@ApplicationScoped
public class TenantNames {

    /** Each part follows an index in the order of the names and stops at the limit. */
    private static final String PART = """
            (SELECT DISTINCT x.tenant_id FROM %s x
             WHERE x.tenant_id > $1::text AND strpos(lower(x.tenant_id), $2::text) > 0 ORDER BY 1 LIMIT $3::int)""";

    private static final String LIST = """
            SELECT t.tenant_id, COALESCE(c.credentials, 0) AS credentials, s.shredded_at FROM (%s) AS t
            LEFT JOIN tenant_counts c USING (tenant_id) LEFT JOIN shredded_tenants s USING (tenant_id)
            ORDER BY t.tenant_id LIMIT $3::int""".formatted(String.join(
            " UNION ",
            List.of(
                    PART.formatted("api_keys"),
                    PART.formatted("oauth_clients"),
                    PART.formatted("tenant_keys"),
                    PART.formatted("tenant_counts"),
                    PART.formatted("shredded_tenants"))));

    /** A credential makes a key of its tenant. A connection whose turn is to come waits for it. */
    private static final String LACKING = """
            SELECT t.tenant_id FROM (
              SELECT tenant_id FROM api_keys UNION SELECT tenant_id FROM oauth_clients UNION SELECT tenant_id FROM tenant_keys) AS t
            WHERE NOT EXISTS (SELECT FROM shredded_tenants s WHERE s.tenant_id = t.tenant_id)
              AND NOT EXISTS (SELECT FROM oauth_credentials c
                WHERE c.tenant_id = t.tenant_id AND c.provider = $1::text AND c.user_email = $2::text
                  AND (c.status = 'revoked' OR c.token_request = $3::text OR c.created_by IS DISTINCT FROM $6::text))
              AND NOT EXISTS (SELECT FROM configured_connections w
                WHERE w.name = $4::text || t.tenant_id AND w.next_try_at > clock_timestamp())
            ORDER BY t.tenant_id LIMIT $5::int""";

    private final Database database;

    TenantNames(Database database) {
        this.database = database;
    }

    /**
     * A tenant of the list.
     *
     * @param id the tenant
     * @param credentials its credentials that are not revoked
     * @param shreddedAt when its keys were destroyed, or null
     */
    public record Found(
            TenantId id, long credentials, @Nullable Instant shreddedAt) {}

    /**
     * Up to {@code limit} tenants whose names contain {@code part}, in any case of its letters, in the order of their names
     * after {@code after}; both may be empty.
     */
    public Uni<List<Found>> find(String part, String after, int limit) {
        return database.selectRows(
                LIST,
                Tuple.of(after, part.toLowerCase(Locale.ROOT), limit),
                row -> new Found(
                        new TenantId(row.getString("tenant_id")),
                        row.getLong("credentials"),
                        ColumnTexts.instant(row.getOffsetDateTime("shredded_at"))));
    }

    /**
     * Up to {@code limit} tenants that need a connection of {@code user} at {@code provider} with {@code request}: those without one, or
     * with another request that {@code actor} made, in the order of their names. One that was revoked is not needed, nor one that a
     * caller of the tenant made, nor one whose turn is to come.
     *
     * @param turns what stands before the tenant in the name of its turn
     */
    public Uni<List<TenantId>> without(
            String provider, String user, TokenRequest request, String turns, String actor, int limit) {
        return database.selectRows(
                LACKING,
                Tuple.of(provider, user, ColumnTexts.ofTokenRequest(request), turns, limit, actor),
                row -> new TenantId(row.getString("tenant_id")));
    }
}
