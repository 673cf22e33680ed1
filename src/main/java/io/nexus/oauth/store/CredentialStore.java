package io.nexus.oauth.store;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.NewCredential;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds, saves and revokes credentials. Each change is one statement, and so one transaction with its audit event. Lazy
 * and non-blocking; fails with {@code StorageException} when the database cannot be used.
 */
@ApplicationScoped
public class CredentialStore {

    private static final String FIND = "SELECT " + CredentialReader.COLUMNS
            + " FROM oauth_credentials c WHERE c.credential_id = $1 AND c.tenant_id = $2";

    private static final String FIND_ACCOUNT = "SELECT " + CredentialReader.COLUMNS
            + " FROM oauth_credentials c WHERE c.tenant_id = $1 AND c.provider = $2 AND c.user_email = $3";

    /**
     * Whether a grant without a refresh token keeps the stored one: active, with the same client, variables and
     * account. A machine connection keeps none.
     */
    private static final String KEEPS = """
            (EXCLUDED.encrypted_refresh_token IS NULL AND EXCLUDED.token_request IS NULL AND c.encrypted_refresh_token IS NOT NULL AND c.status = 'active'
              AND c.client_id IS NOT DISTINCT FROM EXCLUDED.client_id AND c.client_vars = EXCLUDED.client_vars
              AND (EXCLUDED.account_id IS NULL OR c.account_id = EXCLUDED.account_id))""";

    /**
     * A new refresh token takes the next epoch, so that the response of a running refresh is discarded. A kept one
     * keeps its lease, epoch and quarantine, because the running refresh may return its only successor. If revoking one
     * token ends the whole grant at the provider, a pending revocation would end the new grant too, so it is deleted, and
     * late responses of the old grant are no longer revoked.
     * The quota applies to this statement only; the counting triggers read it at its end.
     */
    private static final String SAVE = """
            WITH saved AS (
              INSERT INTO oauth_credentials AS c (credential_id, tenant_id, provider, user_email, encrypted_access_token,
                encrypted_refresh_token, token_type, scopes, expires_at, expiry_assumed, issued_at, next_refresh_at, client_id,
                account_id, account_label, metadata, quarantine_ms, created_by, client_vars, refresh_expires_at, refresh_end_since,
                token_request)
              VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, COALESCE($8::text, ''),
                $9::timestamptz, $10::boolean, $11::timestamptz, $12::timestamptz, $13::text, $14::text, $15::text, $16::text,
                $17::int, $18::text, $22::text, $23::timestamptz, clock_timestamp(), $24::text)
              ON CONFLICT (tenant_id, provider, user_email) DO UPDATE SET
                status = 'active', revoked_at = NULL,
                encrypted_access_token = EXCLUDED.encrypted_access_token,
                encrypted_refresh_token = COALESCE(EXCLUDED.encrypted_refresh_token, CASE WHEN %1$s THEN c.encrypted_refresh_token END),
                token_type = EXCLUDED.token_type, scopes = EXCLUDED.scopes, expires_at = EXCLUDED.expires_at,
                expiry_assumed = EXCLUDED.expiry_assumed, issued_at = EXCLUDED.issued_at,
                next_refresh_at = EXCLUDED.next_refresh_at, client_id = EXCLUDED.client_id, client_vars = EXCLUDED.client_vars,
                account_id = CASE WHEN %6$s THEN COALESCE(EXCLUDED.account_id, c.account_id) ELSE EXCLUDED.account_id END,
                account_label = CASE WHEN %6$s AND EXCLUDED.account_id IS NULL THEN c.account_label ELSE EXCLUDED.account_label END,
                metadata = EXCLUDED.metadata, token_request = EXCLUDED.token_request, quarantine_ms = EXCLUDED.quarantine_ms, created_by = EXCLUDED.created_by,
                refresh_expires_at = CASE WHEN %1$s THEN c.refresh_expires_at ELSE EXCLUDED.refresh_expires_at END,
                refresh_end_since = CASE WHEN %1$s THEN c.refresh_end_since ELSE EXCLUDED.refresh_end_since END,
                token_version = c.token_version + 1,
                lease_epoch = c.lease_epoch + CASE WHEN %1$s THEN 0 ELSE 1 END,
                token_epoch = CASE WHEN %1$s THEN c.token_epoch ELSE c.lease_epoch + 1 END,
                lease_attempt = CASE WHEN %1$s THEN c.lease_attempt END,
                lease_owner = CASE WHEN %1$s THEN c.lease_owner END,
                lease_until = CASE WHEN %1$s THEN c.lease_until END,
                unresolved = CASE WHEN %1$s THEN c.unresolved ELSE 0 END,
                revoked_epoch = CASE WHEN $20::boolean AND c.client_id IS NOT DISTINCT FROM EXCLUDED.client_id
                  AND c.client_vars = EXCLUDED.client_vars THEN 0 ELSE c.revoked_epoch END,
                failures = 0, last_error = NULL, last_failed_at = NULL,
                suspected_at = CASE WHEN %1$s THEN c.suspected_at END, updated_at = clock_timestamp()
              WHERE c.credential_id = EXCLUDED.credential_id
                AND ($25::bigint IS NULL OR c.status <> 'revoked' OR c.token_version = $25::bigint)
                AND (c.status = 'revoked' OR %6$s)
                AND ($19::boolean OR c.account_id IS NULL OR EXCLUDED.account_id IS NULL
                     OR c.account_id = EXCLUDED.account_id)
              RETURNING c.*, (c.token_version = 1) AS fresh,
                set_config('nexus_oauth.credentials_per_tenant', COALESCE($21::bigint::text, ''), true)),
            logged AS (
              %4$s),
            superseded AS (
              DELETE FROM revocation_outbox o USING saved s
              WHERE $20::boolean AND o.credential_id = s.credential_id AND o.client_id IS NOT DISTINCT FROM s.client_id
                AND o.client_vars = s.client_vars
              RETURNING o.*),
            logged_too AS (
              %5$s)
            SELECT %2$s, c.fresh, %3$s FROM saved c""".formatted(
            KEEPS,
            CredentialReader.COLUMNS,
            ChangeFeed.NOTIFY,
            AuditInsert.of("CASE WHEN fresh THEN 'credential_created' ELSE 'credential_updated' END", "$18::text")
                    .ofCredential()
                    .version("token_version")
                    .from("saved"),
            AuditInsert.of("'provider_revocation'", "$18::text")
                    .ofCredential()
                    .detail("'superseded'")
                    .from("superseded"),
            "((c.token_request IS NULL) = (EXCLUDED.token_request IS NULL))");

    /**
     * Both epochs advance, so that no running refresh can overwrite the revocation. The secrets move to the outbox for
     * the provider.
     */
    private static final String REVOKE = """
            WITH before AS (
              SELECT * FROM oauth_credentials WHERE credential_id = $1 AND tenant_id = $2 AND status <> 'revoked' FOR UPDATE),
            revoked AS (
              UPDATE oauth_credentials c SET status = 'revoked', revoked_at = clock_timestamp(),
                encrypted_access_token = NULL, encrypted_refresh_token = NULL, next_refresh_at = NULL,
                lease_epoch = c.lease_epoch + 1, token_epoch = c.lease_epoch + 1, revoked_epoch = c.lease_epoch + 1,
                token_version = c.token_version + 1,
                lease_attempt = NULL, lease_owner = NULL, lease_until = NULL, unresolved = 0, suspected_at = NULL, updated_at = clock_timestamp()
              FROM before WHERE c.credential_id = before.credential_id RETURNING c.credential_id, c.token_version),
            queued AS (
              INSERT INTO revocation_outbox (credential_id, tenant_id, provider, user_email, client_id, client_vars,
                encrypted_access_token, encrypted_refresh_token, token_type, metadata)
              SELECT b.credential_id, b.tenant_id, b.provider, b.user_email, b.client_id, b.client_vars, b.encrypted_access_token,
                b.encrypted_refresh_token, b.token_type, b.metadata
              FROM before b JOIN revoked USING (credential_id) RETURNING revocation_id, credential_id),
            logged AS (
              %2$s)
            SELECT c.revocation_id, %1$s FROM queued c""".formatted(
                    ChangeFeed.NOTIFY,
                    AuditInsert.of("'credential_revoked'", "$3::text")
                            .ofCredential()
                            .version("revoked.token_version")
                            .from("before JOIN revoked USING (credential_id)"));

    private static final String TAKE_TURN = """
            INSERT INTO configured_connections AS c (name, tries, next_try_at)
            VALUES ($1::text, 1, clock_timestamp() + interval '30 seconds')
            ON CONFLICT (name) DO UPDATE SET tries = c.tries + 1,
              next_try_at = clock_timestamp() + LEAST(c.tries + 1, 10) * interval '30 seconds'
            WHERE c.next_try_at <= clock_timestamp() RETURNING c.name""";

    /** The SQLSTATE that the counting triggers raise. */
    private static final String QUOTA = "NX001";

    /** SQLSTATE unique_violation. */
    private static final String DUPLICATE = "23505";

    /** How often a SAVE that lost against a concurrent one is sent again. */
    private static final int MAX_REPEATS = 3;

    private final Database database;
    private final Quotas quotas;

    CredentialStore(Database database, Quotas quotas) {
        this.database = database;
        this.quotas = quotas;
    }

    /** The credential {@code key}, in any status; empty when there is none. */
    public Uni<Optional<StoredCredential>> find(CredentialKey key) {
        return database.within(key.tenant())
                .selectSharedRow(FIND, Tuple.of(key.id(), key.tenant().value()), CredentialReader::read);
    }

    /** The credential of {@code account}, in any status; empty when there is none. */
    public Uni<Optional<StoredCredential>> find(AccountKey account) {
        return database.within(account.tenant())
                .selectSharedRow(
                        FIND_ACCOUNT,
                        Tuple.of(account.tenant().value(), account.provider(), account.user()),
                        CredentialReader::read);
    }

    /**
     * Stores a grant: inserts a row, or replaces the grant in the account's row.
     *
     * <p>Fails with {@link CredentialException.Conflict} when one of the two is a machine connection and the other the
     * grant of a person, when the row holds the grant of another account and {@link
     * NewCredential#acceptOtherAccount()} is false, and with {@link CredentialException.QuotaExceeded} when it would
     * exceed the tenant's quota; a stored credential that is not revoked always accepts a new grant. Empty when the
     * account's row has another id than {@code credential}: the caller then looks up the id and seals the secrets
     * again.
     */
    public Uni<Optional<SavedCredential>> save(NewCredential credential) {
        return save(credential, null);
    }

    /**
     * As {@link #save(NewCredential)}, for a grant that the provider was asked for after the row was read. Fails with {@link
     * CredentialException.RevokedMeanwhile} when the row was revoked since then.
     *
     * @param version the version that was read, 0 if there was no row; null to replace any revoked grant
     */
    public Uni<Optional<SavedCredential>> save(NewCredential credential, @Nullable Long version) {
        return database.persist()
                .executeForRow(SAVE, saveValues(credential).addLong(version), CredentialStore::saved)
                .onFailure(CredentialStore::isDuplicate)
                .retry()
                .atMost(MAX_REPEATS)
                .onFailure(failure -> isRefusal(failure, QUOTA))
                .transform(full -> CredentialException.QuotaExceeded.ofCredentials("credentials_per_tenant"))
                .chain(saved -> saved.isPresent() ? Uni.createFrom().item(saved) : whyNotSaved(credential, version));
    }

    /**
     * Revokes the credential in the service and queues its revocation at the provider, in one transaction. Empty when
     * there is none or it was already revoked; then nothing changes.
     *
     * @return the id of the queued revocation
     */
    public Uni<Optional<UUID>> revoke(CredentialKey key, String actor) {
        return database.within(key.tenant())
                .executeForRow(
                        REVOKE, Tuple.of(key.id(), key.tenant().value(), actor), row -> row.getUUID("revocation_id"));
    }

    /**
     * Whether this replica may try to create the connection {@code name} of the configuration now. Then no other one may
     * for 30 s; after each further try half a minute more, five minutes at most.
     */
    public Uni<Boolean> takeTurn(String name) {
        return database.executeForRow(TAKE_TURN, Tuple.of(name), row -> row.getString("name"))
                .map(Optional::isPresent);
    }

    /** Records that the connection {@code name} is created. */
    public Uni<Void> endTurn(String name) {
        return database.executeUpdate("DELETE FROM configured_connections WHERE name = $1", Tuple.of(name))
                .replaceWithVoid();
    }

    private Uni<Optional<SavedCredential>> whyNotSaved(NewCredential credential, @Nullable Long version) {
        return find(credential.account()).map(present -> {
            if (present.isPresent() && present.get().key().id().equals(credential.id())) {
                if (version != null && present.get().isRevokedSince(version)) {
                    throw new CredentialException.RevokedMeanwhile();
                }
                present.get().requireKind(credential.request() != null);
                throw new CredentialException.Conflict("the account at the provider is not the one connected before");
            }
            return Optional.empty();
        });
    }

    /**
     * PostgreSQL looks for the account's row before it inserts one. Its look can miss a row that another transaction is
     * updating; then the insert violates the primary key and changes nothing. A repetition finds the row.
     */
    private static boolean isDuplicate(Throwable failure) {
        return isRefusal(failure, DUPLICATE);
    }

    private static boolean isRefusal(Throwable failure, String sqlState) {
        return failure.getCause() instanceof PgException refused && sqlState.equals(refused.getSqlState());
    }

    private Tuple saveValues(NewCredential credential) {
        var grant = credential.grant();
        var account = credential.account();
        var identity = credential.identity();
        return Tuple.tuple()
                .addUUID(credential.id())
                .addString(account.tenant().value())
                .addString(account.provider())
                .addString(account.user())
                .addString(grant.accessToken().text())
                .addString(ColumnTexts.ofSecret(grant.refreshToken()))
                .addString(grant.tokenType())
                .addString(ColumnTexts.ofScopes(grant.scopes()))
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.expiresAt()))
                .addBoolean(grant.expiryAssumed())
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.issuedAt()))
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.nextRefreshAt()))
                .addString(credential.clientId())
                .addString(identity == null ? null : identity.id())
                .addString(identity == null ? null : identity.label())
                .addString(ColumnTexts.ofMap(grant.metadata()))
                .addInteger((int) credential.quarantine().toMillis())
                .addString(credential.actor())
                .addBoolean(credential.acceptOtherAccount())
                .addBoolean(credential.revocationEndsGrant())
                .addLong(quotas.credentialsPerTenant())
                .addString(ColumnTexts.ofMap(grant.clientVars()))
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.refreshExpiresAt()))
                .addString(ColumnTexts.ofTokenRequest(credential.request()));
    }

    private static SavedCredential saved(Row row) {
        return new SavedCredential(CredentialReader.read(row), row.getBoolean("fresh"));
    }
}
