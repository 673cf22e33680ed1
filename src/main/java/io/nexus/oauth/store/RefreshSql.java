package io.nexus.oauth.store;

import io.nexus.oauth.store.audit.AuditInsert;

/**
 * The SQL of the refresh protocol. All lease times come from the database's clock: {@code clock_timestamp()}, because {@code now()} is
 * the start of the transaction.
 */
final class RefreshSql {

    private RefreshSql() {}

    private static final String LEASE_FREE = """
            (c.lease_until IS NULL OR c.lease_until
              + CASE WHEN c.unresolved > 0 THEN c.quarantine_ms ELSE 0 END * interval '1 millisecond' < clock_timestamp())""";

    static final String TAKE_LEASE = """
            UPDATE oauth_credentials c SET lease_epoch = c.lease_epoch + 1, lease_attempt = $3::uuid, lease_owner = $4::text,
              lease_until = clock_timestamp() + $5::bigint * interval '1 millisecond', unresolved = c.unresolved + 1
            WHERE c.credential_id = $1::uuid AND c.token_version = $2::bigint AND c.tenant_id = $6::text
              AND c.status = 'active' AND %s AND %s
              AND (c.suspected_at IS NULL OR c.next_refresh_at <= clock_timestamp())
            RETURNING %s, c.lease_attempt, c.lease_epoch, c.token_epoch""".formatted(StateSql.RENEWABLE, LEASE_FREE, CredentialReader.COLUMNS);

    static final String LEASE_OF =
            "SELECT " + CredentialReader.COLUMNS + ", c.lease_attempt, c.lease_epoch, c.token_epoch"
                    + " FROM oauth_credentials c WHERE c.credential_id = $1 AND c.tenant_id = $2 AND c.lease_attempt = $3"
                    + " AND c.status = 'active' AND c.lease_until > clock_timestamp()";

    static final String FIND_ALL =
            "SELECT " + CredentialReader.COLUMNS + " FROM oauth_credentials c WHERE c.credential_id = ANY($1)";

    /** One look into the index of due credentials for each provider, however many are due. */
    static final String DUE_PROVIDERS = """
            SELECT p.id FROM unnest($1::text[]) AS p (id) CROSS JOIN LATERAL (
              SELECT c.next_refresh_at FROM oauth_credentials c
              WHERE c.provider = p.id AND c.status = 'active' AND %s
                AND c.next_refresh_at <= statement_timestamp()
              ORDER BY c.next_refresh_at LIMIT 1) AS oldest
            ORDER BY oldest.next_refresh_at""".formatted(StateSql.RENEWABLE);

    /** How many of the longest due credentials the statement ranks by urgency. Bounds its cost however many are due. */
    private static final int MAX_CANDIDATES = 1000;

    /** The most leases of one statement for a client whose free slots the caller does not know. */
    private static final int UNKNOWN_SLOTS = 8;

    /**
     * Takes the longest due credentials by index, then those of each client whose tokens expire first, four times as
     * many as it has free slots, as other replicas may have locked some. So one client with thousands of due
     * credentials does not take the place of others. {@code statement_timestamp()} bounds the index scan; {@code
     * clock_timestamp()} cannot, and the scan would read every credential of the provider. The second check decides,
     * because it holds the row's lock.
     */
    static final String LEASE_DUE =
            """
            WITH shared AS MATERIALIZED (SELECT * FROM unnest($5::text[], $6::int[]) AS s (client_id, free)),
            own AS MATERIALIZED (SELECT * FROM unnest($7::text[], $8::int[], $9::text[]) AS o (client_id, free, tenant_id)),
            near AS MATERIALIZED (
              SELECT c.credential_id, c.expires_at, c.tenant_id, c.client_id FROM oauth_credentials c
              WHERE c.status = 'active' AND %5$s AND c.provider = $1::text
                AND c.next_refresh_at <= statement_timestamp() AND %1$s
                AND (c.client_id IS NULL OR c.client_id NOT IN (SELECT client_id FROM shared WHERE free = 0)
                  AND (c.tenant_id, c.client_id) NOT IN (SELECT tenant_id, client_id FROM own WHERE free = 0))
              ORDER BY c.next_refresh_at LIMIT %3$d),
            ranked AS (
              SELECT n.credential_id, n.expires_at, COALESCE(own.free, shared.free, %4$d) AS free, row_number() OVER (
                PARTITION BY n.client_id, CASE WHEN own.free IS NULL AND shared.free IS NOT NULL THEN '' ELSE n.tenant_id END
                ORDER BY n.expires_at NULLS LAST) AS place
              FROM near n LEFT JOIN own ON own.client_id = n.client_id AND own.tenant_id = n.tenant_id
                LEFT JOIN shared ON shared.client_id = n.client_id),
            urgent AS MATERIALIZED (
              SELECT r.credential_id, r.expires_at FROM ranked r WHERE r.place <= r.free * 4
              ORDER BY r.expires_at NULLS LAST LIMIT $2::int * 4),
            due AS (
              SELECT c.credential_id FROM urgent n JOIN oauth_credentials c ON c.credential_id = n.credential_id
              WHERE c.status = 'active' AND %5$s
                AND c.next_refresh_at <= statement_timestamp() AND %1$s
              ORDER BY n.expires_at NULLS LAST LIMIT $2::int FOR UPDATE OF c SKIP LOCKED)
            UPDATE oauth_credentials c SET lease_epoch = c.lease_epoch + 1, lease_attempt = gen_random_uuid(),
              lease_owner = $3::text, lease_until = clock_timestamp() + $4::bigint * interval '1 millisecond',
              unresolved = c.unresolved + 1
            FROM due WHERE c.credential_id = due.credential_id
            RETURNING %2$s, c.lease_attempt, c.lease_epoch, c.token_epoch""".formatted(LEASE_FREE, CredentialReader.COLUMNS, MAX_CANDIDATES, UNKNOWN_SLOTS, StateSql.RENEWABLE);

    /**
     * Whether the row still has the lease of this response. After a failover an epoch can be issued twice, an attempt
     * cannot.
     */
    private static final String OWN_LEASE =
            "c.lease_epoch = $2::bigint AND COALESCE(c.lease_attempt, $12::uuid) = $12::uuid";

    /**
     * The quarantine after a response was stored over a later lease. The provider may have answered the later request
     * too, which invalidates these tokens even with a grace period. The owner of the later lease needs this time to
     * store its response.
     */
    private static final int SIBLING_QUARANTINE_MS = 120_000;

    /** An end that a refresh moves by less than a minute is the same end, written as the rest of a lifetime. */
    static final String END_SINCE = """
            CASE WHEN abs(extract(epoch FROM %s - c.refresh_expires_at)) < 60 THEN c.refresh_end_since
              ELSE clock_timestamp() END""";

    /**
     * A response proves that the grant was valid, so it also withdraws a rejection of the token before it. A replay
     * into a database that lost the lease also raises the lease's epoch; otherwise the fence would reject the next
     * response. It also restores the variables to which its tokens are sealed.
     */
    static final String COMPLETE = """
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
                failures = CASE WHEN $17::text IS NULL THEN 0 ELSE c.failures + 1 END, last_error = $17::text,
                last_failed_at = CASE WHEN $17::text IS NULL THEN NULL ELSE clock_timestamp() END,
                last_refreshed_at = clock_timestamp(), updated_at = clock_timestamp(), client_vars = $15::text,
                refresh_expires_at = $16::timestamptz, refresh_end_since = %5$s
              FROM before
              WHERE c.credential_id = before.credential_id AND c.status <> 'revoked' AND c.token_epoch < $2::bigint
                AND ($4::text IS NULL OR c.token_request IS NULL)
              RETURNING c.*, before.status AS status_before),
            logged AS (
              %4$s)
            SELECT %1$s FROM stored c""".formatted(
            CredentialReader.COLUMNS,
            OWN_LEASE,
            SIBLING_QUARANTINE_MS,
            AuditInsert.of("'token_refreshed'", "'system'")
                    .ofCredential()
                    .version("token_version")
                    .detail("$13::text || CASE status_before WHEN 'active' THEN '' ELSE ', alive after all' END")
                    .from("stored"),
            END_SINCE.formatted("$16::timestamptz"));

    static final String COMMITTED = "SELECT " + CredentialReader.COLUMNS
            + " FROM oauth_credentials c WHERE c.credential_id = $1 AND c.last_attempt = $2 AND c.status <> 'revoked'";

    static final String RELEASE = """
            UPDATE oauth_credentials c SET lease_until = NULL, lease_attempt = NULL,
              unresolved = GREATEST(c.unresolved - 1, 0), failures = c.failures + $4::int, last_error = $5::text,
              last_failed_at = clock_timestamp(),
              next_refresh_at = clock_timestamp() + $6::bigint * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    /** The failures of a suspect, and equal ones in a row, are counted together; another failure starts a new count. */
    static final String BACK_OFF = """
            UPDATE oauth_credentials c SET lease_until = NULL, lease_attempt = NULL,
              unresolved = GREATEST(c.unresolved - 1, 0),
              failures = CASE WHEN c.suspected_at IS NOT NULL OR c.last_error = $4::text THEN c.failures + 1 ELSE 1 END,
              last_error = $4::text, last_failed_at = clock_timestamp(),
              next_refresh_at = clock_timestamp() + $5::bigint * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    static final String YIELD = """
            UPDATE oauth_credentials c SET lease_until = NULL, lease_attempt = NULL,
              unresolved = GREATEST(c.unresolved - 1, 0),
              next_refresh_at = GREATEST(c.next_refresh_at, clock_timestamp() + $4::bigint * interval '1 millisecond')
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    static final String SUSPEND = """
            UPDATE oauth_credentials c SET lease_until = clock_timestamp(), last_error = $4::text,
              last_failed_at = clock_timestamp(),
              next_refresh_at = clock_timestamp() + (c.quarantine_ms + $5::bigint) * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    static final String RENEW = """
            UPDATE oauth_credentials c SET lease_until = clock_timestamp() + $4::bigint * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    static final String SUSPECT = """
            WITH suspected AS (
              UPDATE oauth_credentials c SET suspected_at = clock_timestamp(), last_error = $4::text, lease_until = NULL,
                lease_attempt = NULL, unresolved = 0,
                failures = CASE WHEN c.suspected_at IS NOT NULL OR c.last_error = $4::text THEN c.failures + 1 ELSE 1 END,
                last_failed_at = clock_timestamp(), updated_at = clock_timestamp(),
                next_refresh_at = clock_timestamp() + $5::bigint * interval '1 millisecond'
              WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.token_version = $3::bigint
                AND c.status = 'active' AND c.lease_attempt = $6::uuid
              RETURNING c.*)
            %s""".formatted(AuditInsert.of("'grant_suspected'", "'system'")
            .ofCredential()
            .version("token_version")
            .detail("$4::text")
            .from("suspected"));

    static final String POSTPONE = """
            UPDATE oauth_credentials c SET lease_until = NULL, lease_attempt = NULL,
              unresolved = GREATEST(c.unresolved - 1, 0),
              next_refresh_at = clock_timestamp() + $4::bigint * interval '1 millisecond'
            WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.lease_attempt = $3::uuid""";

    /**
     * Counts the suspects that share an OAuth client. A tenant with a registration of its own is not among those that share one, even
     * if both registrations have the same client id.
     */
    static final String SUSPECTS = """
            SELECT count(*) AS suspects FROM (
              SELECT 1 FROM oauth_credentials c
              WHERE c.provider = $1::text AND c.client_id IS NOT DISTINCT FROM $2::text AND c.client_vars::jsonb = $3::text::jsonb
                AND c.suspected_at > clock_timestamp() - $4::bigint * interval '1 millisecond'
                AND CASE WHEN $6::text IS NOT NULL THEN c.tenant_id = $6::text
                  ELSE c.tenant_id <> ALL ($7::text[]) AND NOT EXISTS (SELECT 1 FROM oauth_clients o
                    WHERE o.tenant_id = c.tenant_id AND o.provider = c.provider) END
              LIMIT $5::int) found""";

    static final String REJECT = """
            WITH ended AS (
              UPDATE oauth_credentials c SET status = 'reauth_required', last_error = $4::text, lease_until = NULL,
                lease_attempt = NULL, unresolved = 0, failures = c.failures + 1, last_failed_at = clock_timestamp(),
                next_refresh_at = NULL, updated_at = clock_timestamp()
              WHERE c.credential_id = $1::uuid AND c.lease_epoch = $2::bigint AND c.token_version = $3::bigint
                AND c.status = 'active' AND c.lease_attempt = $5::uuid
              RETURNING c.tenant_id, c.credential_id, c.provider, c.user_email, c.token_version)
            %s""".formatted(AuditInsert.of("'reauthorization_required'", "'system'")
            .ofCredential()
            .version("token_version")
            .detail("$4::text")
            .from("ended"));

    /** The condition on the reported version accepts one of many reports, across all replicas. */
    static final String REPORT = """
            UPDATE oauth_credentials c SET reported_version = c.token_version,
              next_refresh_at = LEAST(c.next_refresh_at, clock_timestamp())
            WHERE c.credential_id = $1::uuid AND c.tenant_id = $2::text AND c.status = 'active'
              AND %s AND c.suspected_at IS NULL
              AND c.token_version = $3::bigint AND c.reported_version < $3::bigint
            RETURNING %s""".formatted(StateSql.RENEWABLE, CredentialReader.COLUMNS);
}
