package io.nexus.oauth.store;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.RefreshClaim;
import io.nexus.oauth.credential.RefreshTicket;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statements of the refresh protocol. Each is one autocommitted statement: no connection is held while a provider answers.
 * All lease times are the database's clock ({@code clock_timestamp()}, not {@code now()}, which is the transaction's start).
 * Non-blocking; fails with {@link StorageException} when the database cannot be used, and then the statement may have happened.
 */
@ApplicationScoped
public class RefreshStore {

    private static final String FREE = """
            (c.lease_until IS NULL OR c.lease_until
              + CASE WHEN c.unresolved > 0 THEN c.quarantine_ms ELSE 0 END * interval '1 millisecond' < clock_timestamp())""";

    private static final String CLAIM = """
            UPDATE oauth_credentials c SET lease_epoch = c.lease_epoch + 1, lease_attempt = $3::uuid, lease_owner = $4::text,
              lease_until = clock_timestamp() + $5::bigint * interval '1 millisecond', unresolved = c.unresolved + 1
            WHERE c.credential_id = $1::uuid AND c.token_version = $2::bigint AND c.tenant_id = $6::text
              AND c.status = 'active' AND c.encrypted_refresh_token IS NOT NULL AND %s
              AND (c.suspected_at IS NULL OR c.next_refresh_at <= clock_timestamp())
            RETURNING %s, c.lease_attempt, c.lease_epoch, c.token_epoch""".formatted(FREE, CredentialReader.COLUMNS);

    private static final String CLAIM_OF =
            "SELECT " + CredentialReader.COLUMNS + ", c.lease_attempt, c.lease_epoch, c.token_epoch"
                    + " FROM oauth_credentials c WHERE c.credential_id = $1 AND c.tenant_id = $2 AND c.lease_attempt = $3"
                    + " AND c.status = 'active' AND c.lease_until > clock_timestamp()";

    private static final int MOST_AT_ONCE = 1000;

    private static final String FIND_ALL =
            "SELECT " + CredentialReader.COLUMNS + " FROM oauth_credentials c WHERE c.credential_id = ANY($1)";

    /** How many of the longest due are looked at for the most urgent: it bounds the cost however many are due. */
    private static final int NEAR = 1000;

    /**
     * The longest due by the index, of these the tokens that end first, and more than asked for, as others may have locked some. {@code statement_timestamp()} where the index is to be used:
     * {@code clock_timestamp()} may not bound a scan, and finding nothing would read every credential of the provider. The second
     * look at the row is the one that counts: it is made under its lock.
     */
    static final String CLAIM_DUE = """
            WITH near AS MATERIALIZED (
              SELECT c.credential_id, c.expires_at FROM oauth_credentials c
              WHERE c.status = 'active' AND c.encrypted_refresh_token IS NOT NULL AND c.provider = $1::text
                AND c.next_refresh_at <= statement_timestamp() AND %1$s
                AND (c.client_id IS NULL OR c.client_id <> ALL ($5::text[])
                  AND (c.tenant_id, c.client_id) NOT IN (SELECT * FROM unnest($6::text[], $7::text[])))
              ORDER BY c.next_refresh_at LIMIT %3$d),
            urgent AS MATERIALIZED (SELECT near.* FROM near ORDER BY near.expires_at NULLS LAST LIMIT $2::int * 4),
            due AS (
              SELECT c.credential_id FROM urgent n JOIN oauth_credentials c ON c.credential_id = n.credential_id
              WHERE c.status = 'active' AND c.encrypted_refresh_token IS NOT NULL
                AND c.next_refresh_at <= statement_timestamp() AND %1$s
              ORDER BY n.expires_at NULLS LAST LIMIT $2::int FOR UPDATE OF c SKIP LOCKED)
            UPDATE oauth_credentials c SET lease_epoch = c.lease_epoch + 1, lease_attempt = gen_random_uuid(),
              lease_owner = $3::text, lease_until = clock_timestamp() + $4::bigint * interval '1 millisecond',
              unresolved = c.unresolved + 1
            FROM due WHERE c.credential_id = due.credential_id
            RETURNING %2$s, c.lease_attempt, c.lease_epoch, c.token_epoch""".formatted(FREE, CredentialReader.COLUMNS, NEAR);

    /** Whether the lease in the row is that of the answer: after a failover an epoch can be given twice, an attempt cannot. */
    private static final String OWN = "c.lease_epoch = $2::bigint AND COALESCE(c.lease_attempt, $12::uuid) = $12::uuid";

    /**
     * How long nobody asks after an answer was stored over a later claim: that claim's request may have been answered as well, with tokens
     * beside which these are dead even where the provider has a grace, and its owner needs the time to come back with them.
     */
    private static final int SIBLING_QUARANTINE_MS = 120_000;

    /**
     * An answer is proof that the grant lived when it was given: it also withdraws a verdict that was passed on the token before it. A
     * replay into a database that forgot the claim lifts the lease's epoch as well, or the next claim's answer would not pass the fence,
     * and brings the variables that its tokens are sealed with.
     */
    private static final String COMPLETE = """
            WITH before AS (SELECT b.credential_id, b.status FROM oauth_credentials b WHERE b.credential_id = $1::uuid),
            stored AS (
              UPDATE oauth_credentials c SET encrypted_access_token = $3::text,
                encrypted_refresh_token = COALESCE($4::text, c.encrypted_refresh_token), token_type = $5::text,
                scopes = COALESCE($6::text, c.scopes), expires_at = $7::timestamptz, expiry_assumed = $8::boolean,
                issued_at = $9::timestamptz, next_refresh_at = $10::timestamptz, metadata = $11::text,
                token_version = c.token_version + 1, token_epoch = $2::bigint, last_attempt = $12::uuid,
                lease_epoch = GREATEST(c.lease_epoch, $2::bigint),
                quarantine_ms = CASE WHEN c.lease_epoch > $2::bigint AND c.quarantine_ms > 0
                  THEN GREATEST(c.quarantine_ms, %3$d) ELSE COALESCE($14::int, c.quarantine_ms) END,
                lease_attempt = CASE WHEN %2$s THEN NULL ELSE c.lease_attempt END,
                lease_until = CASE WHEN %2$s THEN NULL ELSE c.lease_until END,
                unresolved = CASE WHEN %2$s THEN 0 ELSE 1 END,
                status = 'active', suspected_at = NULL,
                failures = 0, last_error = NULL, last_failed_at = NULL, last_refreshed_at = clock_timestamp(),
                updated_at = clock_timestamp(), client_vars = $15::text
              FROM before
              WHERE c.credential_id = before.credential_id AND c.status <> 'revoked' AND c.token_epoch < $2::bigint
              RETURNING c.*, before.status AS status_before),
            logged AS (
              INSERT INTO audit_events (tenant_id, operation, credential_id, provider, user_email, actor, token_version, detail)
              SELECT tenant_id, 'token_refreshed', credential_id, provider, user_email, 'system', token_version,
                $13::text || CASE status_before WHEN 'active' THEN '' ELSE ', alive after all' END FROM stored)
            SELECT %1$s FROM stored c""".formatted(CredentialReader.COLUMNS, OWN, SIBLING_QUARANTINE_MS);

    private static final String COMMITTED = "SELECT " + CredentialReader.COLUMNS
            + " FROM oauth_credentials c WHERE c.credential_id = $1 AND c.last_attempt = $2 AND c.status <> 'revoked'";

    private static final String RELEASE = """
            UPDATE oauth_credentials c SET lease_until = NULL, lease_attempt = NULL,
              unresolved = GREATEST(c.unresolved - 1, 0), failures = c.failures + $4::int, last_error = $5::text,
              last_failed_at = clock_timestamp(),
              next_refresh_at = clock_timestamp() + $6::bigint * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    private static final String YIELD = """
            UPDATE oauth_credentials c SET lease_until = NULL, lease_attempt = NULL,
              unresolved = GREATEST(c.unresolved - 1, 0),
              next_refresh_at = GREATEST(c.next_refresh_at, clock_timestamp() + $4::bigint * interval '1 millisecond')
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    private static final String SUSPEND = """
            UPDATE oauth_credentials c SET lease_until = clock_timestamp(), last_error = $4::text,
              last_failed_at = clock_timestamp(),
              next_refresh_at = clock_timestamp() + (c.quarantine_ms + $5::bigint) * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    private static final String RENEW = """
            UPDATE oauth_credentials c SET lease_until = clock_timestamp() + $4::bigint * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    private static final String SUSPECT = """
            WITH suspected AS (
              UPDATE oauth_credentials c SET suspected_at = clock_timestamp(), last_error = $4::text, lease_until = NULL,
                lease_attempt = NULL, unresolved = 0, failures = c.failures + 1, last_failed_at = clock_timestamp(),
                next_refresh_at = clock_timestamp() + $5::bigint * interval '1 millisecond', updated_at = clock_timestamp()
              WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.token_version = $3::bigint
                AND c.status = 'active' AND c.lease_attempt = $6::uuid
              RETURNING c.*)
            INSERT INTO audit_events (tenant_id, operation, credential_id, provider, user_email, actor, detail, token_version)
            SELECT tenant_id, 'grant_suspected', credential_id, provider, user_email, 'system', $4::text, token_version
            FROM suspected""";

    private static final String POSTPONE = """
            UPDATE oauth_credentials c SET lease_until = NULL, lease_attempt = NULL,
              unresolved = GREATEST(c.unresolved - 1, 0),
              next_refresh_at = clock_timestamp() + $4::bigint * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    private static final String SUSPECTS = """
            SELECT count(*) AS suspects FROM (
              SELECT 1 FROM oauth_credentials c
              WHERE c.provider = $1::text AND c.client_id IS NOT DISTINCT FROM $2::text
                AND c.suspected_at > clock_timestamp() - $3::bigint * interval '1 millisecond'
              LIMIT $4::int) found""";

    private static final String REJECT = """
            WITH ended AS (
              UPDATE oauth_credentials c SET status = 'reauth_required', last_error = $4::text, lease_until = NULL,
                lease_attempt = NULL, unresolved = 0, failures = c.failures + 1, last_failed_at = clock_timestamp(),
                next_refresh_at = NULL, updated_at = clock_timestamp()
              WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.token_version = $3::bigint
                AND c.status = 'active' AND c.lease_attempt = $5::uuid
              RETURNING c.tenant_id, c.credential_id, c.provider, c.user_email, c.token_version)
            INSERT INTO audit_events (tenant_id, operation, credential_id, provider, user_email, actor, detail, token_version)
            SELECT tenant_id, 'reauthorization_required', credential_id, provider, user_email, 'system', $4::text, token_version
            FROM ended""";

    /** The predicate on the reported version makes one of many reports the one that counts, across all replicas. */
    private static final String REPORT = """
            UPDATE oauth_credentials c SET reported_version = c.token_version,
              next_refresh_at = LEAST(c.next_refresh_at, clock_timestamp())
            WHERE c.credential_id = $1::uuid AND c.tenant_id = $2::text AND c.status = 'active'
              AND c.encrypted_refresh_token IS NOT NULL AND c.suspected_at IS NULL
              AND c.token_version = $3::bigint AND c.reported_version < $3::bigint
            RETURNING %s""".formatted(CredentialReader.COLUMNS);

    private final Database database;

    RefreshStore(Database database) {
        this.database = database;
    }

    /**
     * Claims one credential. Empty when it moved on, is claimed by somebody else, is in quarantine or cannot be refreshed.
     *
     * @param seen the credential as the caller knows it: a newer version makes the claim empty
     * @param lease how long the claim holds
     */
    public Uni<Optional<RefreshClaim>> claim(StoredCredential seen, UUID attempt, String owner, Duration lease) {
        Tuple values = Tuple.tuple()
                .addUUID(seen.key().id())
                .addLong(seen.version())
                .addUUID(attempt)
                .addString(owner)
                .addLong(lease.toMillis())
                .addString(seen.key().tenant().value());
        return database.first(CLAIM, values, RefreshStore::claim);
    }

    /** The claim that {@code attempt} made, if it holds: for whoever did not hear whether it did. */
    public Uni<Optional<RefreshClaim>> claimOf(CredentialKey key, UUID attempt) {
        return database.find(CLAIM_OF, Tuple.of(key.id(), key.tenant().value(), attempt), RefreshStore::claim);
    }

    /** The credentials of {@code ids} that exist, in any status and order. */
    public Uni<List<StoredCredential>> findAll(Collection<UUID> ids) {
        List<UUID> asked = List.copyOf(ids);
        if (asked.size() <= MOST_AT_ONCE) {
            return database.list(
                    FIND_ALL, Tuple.tuple().addArrayOfUUID(asked.toArray(UUID[]::new)), CredentialReader::read);
        }
        return findAll(asked.subList(0, MOST_AT_ONCE))
                .chain(first -> findAll(asked.subList(MOST_AT_ONCE, asked.size()))
                        .map(rest ->
                                Stream.concat(first.stream(), rest.stream()).toList()));
    }

    /**
     * Claims up to {@code limit} credentials of {@code provider} that are due, the tokens that end first, skipping claimed ones.
     *
     * @param blocked whose credentials are left alone
     */
    public Uni<List<RefreshClaim>> claimDue(
            String provider, int limit, Collection<BlockedClient> blocked, String owner, Duration lease) {
        List<BlockedClient> own =
                blocked.stream().filter(client -> client.tenant() != null).toList();
        Tuple values = Tuple.tuple()
                .addString(provider)
                .addInteger(limit)
                .addString(owner)
                .addLong(lease.toMillis())
                .addArrayOfString(blocked.stream()
                        .filter(client -> client.tenant() == null)
                        .map(BlockedClient::clientId)
                        .toArray(String[]::new))
                .addArrayOfString(own.stream().map(BlockedClient::tenant).toArray(String[]::new))
                .addArrayOfString(own.stream().map(BlockedClient::clientId).toArray(String[]::new));
        return database.all(CLAIM_DUE, values, RefreshStore::claim);
    }

    /**
     * The credential, if it holds the very answer to {@code ticket} and is not revoked: then a {@link #complete} that was empty was the
     * second of the same.
     */
    public Uni<Optional<StoredCredential>> committed(RefreshTicket ticket) {
        return database.persist()
                .find(COMMITTED, Tuple.of(ticket.key().id(), ticket.attempt()), CredentialReader::read);
    }

    /**
     * Stores an answer. Safe to repeat. Empty when this answer or a newer one is stored already, or the credential was revoked or
     * deleted meanwhile.
     *
     * @param trigger what asked for the refresh, for the audit trail
     */
    public Uni<Optional<StoredCredential>> complete(RefreshTicket ticket, SealedGrant grant, String trigger) {
        Tuple values = Tuple.tuple()
                .addUUID(ticket.key().id())
                .addLong(ticket.epoch())
                .addString(grant.accessToken().text())
                .addString(Texts.ofSecret(grant.refreshToken()))
                .addString(grant.tokenType())
                .addString(Texts.ofScopes(grant.scopes()))
                .addOffsetDateTime(Texts.ofInstant(grant.expiresAt()))
                .addBoolean(grant.expiryAssumed())
                .addOffsetDateTime(Texts.ofInstant(grant.issuedAt()))
                .addOffsetDateTime(Texts.ofInstant(grant.nextRefreshAt()))
                .addString(Texts.ofMap(grant.metadata()))
                .addUUID(ticket.attempt())
                .addString(trigger)
                .addInteger(millis(grant.quarantine()))
                .addString(Texts.ofMap(grant.clientVars()));
        return database.persist().first(COMPLETE, values, CredentialReader::read);
    }

    /**
     * Ends a claim that spent nothing: the next try is after {@code backoff}.
     *
     * @param counts whether it counts as a failure of this credential
     */
    public Uni<Void> release(RefreshClaim claim, String error, boolean counts, Duration backoff) {
        Tuple values = ending(claim).addInteger(counts ? 1 : 0).addString(error).addLong(backoff.toMillis());
        return database.persist().change(RELEASE, values).replaceWithVoid();
    }

    /**
     * Ends a claim that came to nothing for a reason that is not the credential's: nothing is noted in it.
     *
     * @param delay how long the schedule leaves it alone at least; zero to leave its turn as it is
     */
    public Uni<Void> yieldClaim(RefreshClaim claim, Duration delay) {
        Long millis = delay.isPositive() ? delay.toMillis() : null;
        return database.persist().change(YIELD, ending(claim).addLong(millis)).replaceWithVoid();
    }

    /** Ends a claim whose fate is unknown: its quarantine starts now, and the next try is {@code after} its end. */
    public Uni<Void> suspend(RefreshClaim claim, String error, Duration after) {
        return database.persist()
                .change(SUSPEND, ending(claim).addString(error).addLong(after.toMillis()))
                .replaceWithVoid();
    }

    /** Keeps the claim for another {@code lease}. False when it is not held any more. */
    public Uni<Boolean> renew(RefreshClaim claim, Duration lease) {
        return database.persist()
                .change(RENEW, ending(claim).addLong(lease.toMillis()))
                .map(changed -> changed > 0);
    }

    /**
     * Notes that the provider said for the first time that the grant is over, unless its tokens moved on since the claim; asks again
     * {@code after} that time. True when it is noted.
     */
    public Uni<Boolean> suspect(RefreshClaim claim, String error, Duration after) {
        Tuple values = Tuple.tuple()
                .addUUID(claim.key().id())
                .addLong(claim.epoch())
                .addLong(claim.credential().version())
                .addString(error)
                .addLong(after.toMillis())
                .addUUID(claim.attempt());
        return database.persist().change(SUSPECT, values).map(changed -> changed > 0);
    }

    /** Ends a claim under which nothing was asked and nothing was learnt; the next one is possible {@code after} this. */
    public Uni<Void> postpone(RefreshClaim claim, Duration after) {
        return database.persist()
                .change(POSTPONE, ending(claim).addLong(after.toMillis()))
                .replaceWithVoid();
    }

    /** How many grants of a client came under suspicion in the last {@code window}; counts no further than {@code most}. */
    public Uni<Integer> suspects(String provider, @Nullable String clientId, Duration window, int most) {
        Tuple values = Tuple.tuple()
                .addString(provider)
                .addString(clientId)
                .addLong(window.toMillis())
                .addInteger(most);
        return database.find(SUSPECTS, values, row -> row.getInteger("suspects"))
                .map(found -> found.orElse(0));
    }

    /** Ends the grant, unless its tokens moved on since the claim. True when it did. */
    public Uni<Boolean> reject(RefreshClaim claim, String error) {
        Tuple values =
                Tuple.of(claim.key().id(), claim.epoch(), claim.credential().version(), error, claim.attempt());
        return database.persist().change(REJECT, values).map(changed -> changed > 0);
    }

    /**
     * Marks {@code version} as reported by a caller whose token the provider's API refused, and makes the credential due. Empty
     * when that version was reported before, is not the stored one, or cannot be refreshed.
     */
    public Uni<Optional<StoredCredential>> report(CredentialKey key, long version) {
        Tuple values = Tuple.of(key.id(), key.tenant().value(), version);
        return database.first(REPORT, values, CredentialReader::read);
    }

    private static @Nullable Integer millis(@Nullable Duration duration) {
        return duration == null ? null : (int) duration.toMillis();
    }

    private static Tuple ending(RefreshClaim claim) {
        return Tuple.tuple().addUUID(claim.key().id()).addLong(claim.epoch()).addUUID(claim.attempt());
    }

    private static RefreshClaim claim(Row row) {
        return new RefreshClaim(
                CredentialReader.read(row),
                row.getUUID("lease_attempt"),
                row.getLong("lease_epoch"),
                row.getLong("token_epoch"),
                row.getInteger("unresolved"));
    }

    /**
     * An OAuth client whose credentials must not be claimed now.
     *
     * @param tenant whose registration it is, or null for everybody's
     */
    public record BlockedClient(@Nullable String tenant, String clientId) {}
}
