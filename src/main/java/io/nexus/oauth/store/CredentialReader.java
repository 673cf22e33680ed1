package io.nexus.oauth.store;

import static java.util.Objects.requireNonNull;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;

/** Reads a row of {@link #COLUMNS} into a {@link StoredCredential}. */
final class CredentialReader {

    /**
     * Seconds until a lease is possible, by the database's clock. The statements that take a lease check the same
     * condition.
     */
    static final String BLOCKED = """
            GREATEST(0, EXTRACT(EPOCH FROM c.lease_until - clock_timestamp())
              + CASE WHEN c.unresolved > 0 THEN c.quarantine_ms / 1000.0 ELSE 0 END)""";

    static final String COLUMNS = """
            c.credential_id, c.tenant_id, c.provider, c.user_email, c.status, c.encrypted_access_token,
            c.encrypted_refresh_token, c.token_type, c.scopes, c.expires_at, c.expiry_assumed, c.issued_at,
            c.next_refresh_at, c.client_id, c.client_vars, c.account_id, c.account_label, c.metadata, c.token_version, c.unresolved,
            c.failures, c.last_error, c.last_failed_at, c.suspected_at, c.created_at, c.updated_at, c.last_refreshed_at, c.revoked_at,
            c.last_used_at, c.created_by, c.refresh_expires_at, c.refresh_end_since, c.token_request, COALESCE(c.lease_until > clock_timestamp(), false) AS leased,
            COALESCE(%s, 0)::float8 AS blocked""".formatted(BLOCKED);

    private CredentialReader() {}

    static StoredCredential read(Row row) {
        TenantId tenant = new TenantId(row.getString("tenant_id"));
        return new StoredCredential(
                new CredentialKey(tenant, row.getUUID("credential_id")),
                new AccountKey(tenant, row.getString("provider"), row.getString("user_email")),
                CredentialStatus.of(row.getString("status")),
                ColumnTexts.secret(row.getString("encrypted_access_token")),
                ColumnTexts.secret(row.getString("encrypted_refresh_token")),
                row.getString("token_type"),
                ColumnTexts.instant(row.getOffsetDateTime("expires_at")),
                row.getBoolean("expiry_assumed"),
                ColumnTexts.scopes(row.getString("scopes")),
                row.getString("client_id"),
                ColumnTexts.map(row.getString("client_vars")),
                ColumnTexts.identity(row.getString("account_id"), row.getString("account_label")),
                ColumnTexts.map(row.getString("metadata")),
                row.getLong("token_version"),
                refreshState(row),
                time(row, "issued_at"),
                time(row, "created_at"),
                time(row, "updated_at"),
                ColumnTexts.instant(row.getOffsetDateTime("revoked_at")),
                ColumnTexts.instant(row.getOffsetDateTime("last_used_at")),
                row.getString("created_by"),
                ColumnTexts.tokenRequest(row.getString("token_request")));
    }

    private static RefreshState refreshState(Row row) {
        return new RefreshState(
                ColumnTexts.instant(row.getOffsetDateTime("next_refresh_at")),
                ColumnTexts.instant(row.getOffsetDateTime("last_refreshed_at")),
                ColumnTexts.instant(row.getOffsetDateTime("last_failed_at")),
                row.getInteger("failures"),
                row.getInteger("unresolved"),
                row.getString("last_error"),
                ColumnTexts.instant(row.getOffsetDateTime("suspected_at")),
                row.getBoolean("leased"),
                Duration.ofMillis((long) Math.ceil(row.getDouble("blocked") * 1000)),
                ColumnTexts.instant(row.getOffsetDateTime("refresh_expires_at")),
                ColumnTexts.instant(row.getOffsetDateTime("refresh_end_since")));
    }

    private static Instant time(Row row, String column) {
        return requireNonNull(ColumnTexts.instant(row.getOffsetDateTime(column)), column);
    }
}
