package io.nexus.oauth.store;

import static java.util.Objects.requireNonNull;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.PendingRevocation;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Revocations that the provider has not confirmed. An entry is removed only after a definite response, so none is lost
 * in a crash or an outage. Non-blocking; fails with {@code StorageException} when the database cannot be used.
 */
@ApplicationScoped
public class RevocationOutbox {

    private static final String COLUMNS = """
            o.revocation_id, o.credential_id, o.tenant_id, o.provider, o.user_email, o.client_id, o.client_vars,
            o.encrypted_access_token, o.encrypted_refresh_token, o.token_type, o.metadata, o.attempts""";

    /** Taking an entry postpones its next attempt by the lease, so that a crashed attempt is repeated after it. */
    private static final String TAKE = """
            UPDATE revocation_outbox o SET attempts = o.attempts + 1,
              next_attempt_at = clock_timestamp() + $2::bigint * interval '1 millisecond'
            WHERE o.revocation_id = $1::uuid AND o.next_attempt_at <= clock_timestamp() RETURNING %s""".formatted(COLUMNS);

    /** Tenants take turns, and the providers of a tenant do, so that nobody waits behind the many entries of another one. */
    private static final String TAKE_DUE = """
            WITH of_provider AS (
              SELECT revocation_id, tenant_id, next_attempt_at,
                row_number() OVER (PARTITION BY tenant_id, provider ORDER BY next_attempt_at) AS turn
              FROM revocation_outbox WHERE next_attempt_at <= clock_timestamp()),
            of_tenant AS (
              SELECT revocation_id, next_attempt_at,
                row_number() OVER (PARTITION BY tenant_id ORDER BY turn, next_attempt_at) AS turn FROM of_provider),
            due AS (
              SELECT o.revocation_id FROM revocation_outbox o JOIN of_tenant t USING (revocation_id)
              WHERE o.next_attempt_at <= clock_timestamp()
              ORDER BY t.turn, t.next_attempt_at LIMIT $1::int FOR UPDATE OF o SKIP LOCKED)
            UPDATE revocation_outbox o SET attempts = o.attempts + 1,
              next_attempt_at = clock_timestamp() + $2::bigint * interval '1 millisecond'
            FROM due WHERE o.revocation_id = due.revocation_id RETURNING %s""".formatted(COLUMNS);

    /** The lock makes it see a new grant that is being stored: a revocation could end that one. */
    private static final String ADD = """
            WITH kept AS MATERIALIZED (
              SELECT c.status, c.revoked_epoch FROM oauth_credentials c WHERE c.credential_id = $1::uuid FOR SHARE)
            INSERT INTO revocation_outbox (credential_id, tenant_id, provider, user_email, client_id, encrypted_access_token,
              encrypted_refresh_token, token_type, metadata, client_vars)
            SELECT $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text
            WHERE NOT EXISTS (SELECT FROM kept WHERE status <> 'revoked' AND revoked_epoch <= $11::bigint)
            RETURNING revocation_id""";

    private static final String DONE = """
            WITH done AS (DELETE FROM revocation_outbox WHERE revocation_id = $1::uuid RETURNING *)
            %s""".formatted(AuditInsert.of("'provider_revocation'", "'system'")
            .ofCredential()
            .detail("$2::text")
            .from("done"));

    private static final String POSTPONE = """
            UPDATE revocation_outbox SET next_attempt_at = clock_timestamp() + $2::bigint * interval '1 millisecond'
            WHERE revocation_id = $1::uuid""";

    private final Database database;

    RevocationOutbox(Database database) {
        this.database = database;
    }

    /** Takes one entry for {@code lease}; empty when it is done or another attempt has it. */
    public Uni<Optional<PendingRevocation>> take(UUID id, Duration lease) {
        return database.executeForRow(TAKE, Tuple.of(id, lease.toMillis()), RevocationOutbox::read);
    }

    /** Takes up to {@code limit} due entries for {@code lease}. */
    public Uni<List<PendingRevocation>> takeDue(int limit, Duration lease) {
        return database.executeForRows(TAKE_DUE, Tuple.of(limit, lease.toMillis()), RevocationOutbox::read);
    }

    /**
     * Queues tokens of an old grant that the provider issued after the credential was revoked, also when a new grant is stored by
     * now. Returns the id of the entry; empty when the credential was not revoked since the lease began.
     *
     * @param clientId the OAuth client of the old grant, if known
     * @param epoch the epoch of the lease under which the tokens were requested
     */
    public Uni<Optional<UUID>> addIfRevoked(
            StoredCredential credential, @Nullable String clientId, SealedGrant born, long epoch) {
        Tuple values = Tuple.tuple()
                .addUUID(credential.key().id())
                .addString(credential.key().tenant().value())
                .addString(credential.account().provider())
                .addString(credential.account().user())
                .addString(clientId)
                .addString(born.accessToken().text())
                .addString(ColumnTexts.ofSecret(born.refreshToken()))
                .addString(born.tokenType())
                .addString(ColumnTexts.ofMap(born.metadata()))
                .addString(ColumnTexts.ofMap(born.clientVars()))
                .addLong(epoch);
        return database.persist().executeForRow(ADD, values, row -> row.getUUID("revocation_id"));
    }

    /** Removes an entry and records its definite {@code outcome} in the audit trail. */
    public Uni<Void> done(UUID id, String outcome) {
        return database.persist().executeUpdate(DONE, Tuple.of(id, outcome)).replaceWithVoid();
    }

    /** Tries an entry again after {@code delay}. */
    public Uni<Void> postpone(UUID id, Duration delay) {
        return database.persist()
                .executeUpdate(POSTPONE, Tuple.of(id, delay.toMillis()))
                .replaceWithVoid();
    }

    private static PendingRevocation read(Row row) {
        TenantId tenant = new TenantId(row.getString("tenant_id"));
        return new PendingRevocation(
                row.getUUID("revocation_id"),
                new CredentialKey(tenant, row.getUUID("credential_id")),
                new AccountKey(tenant, row.getString("provider"), row.getString("user_email")),
                row.getString("client_id"),
                ColumnTexts.map(row.getString("client_vars")),
                requireNonNull(ColumnTexts.secret(row.getString("encrypted_access_token"))),
                ColumnTexts.secret(row.getString("encrypted_refresh_token")),
                row.getString("token_type"),
                ColumnTexts.map(row.getString("metadata")),
                row.getInteger("attempts") - 1);
    }
}
