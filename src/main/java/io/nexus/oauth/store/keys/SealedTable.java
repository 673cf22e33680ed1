package io.nexus.oauth.store.keys;

import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** The tables with texts that are sealed or digested under a master key, in the order of a rotation. */
public enum SealedTable {
    /** Grants. */
    OAUTH_CREDENTIALS(
            List.of("credential_id"),
            "encrypted_access_token",
            "encrypted_refresh_token",
            "credential_id::text",
            "client_vars"),
    /** Grants that wait for their revocation at the provider; sealed for the credential's place. */
    REVOCATION_OUTBOX(
            List.of("revocation_id"),
            "encrypted_access_token",
            "encrypted_refresh_token",
            "credential_id::text",
            "client_vars"),
    /** OAuth client registrations. */
    OAUTH_CLIENTS(
            List.of("tenant_id", "provider"), "encrypted_client_secret", "encrypted_second_secret", "provider", "vars"),
    /** The keys that sign the assertions of OAuth clients. */
    CLIENT_KEYS(List.of("key_id"), "encrypted_key", "NULL::text", "provider || ' ' || key_id::text", "client_vars"),
    /** The keys of tenants, sealed under a master key alone. */
    TENANT_KEYS(List.of("tenant_id", "key_id"), "encrypted_key", "NULL::text", "key_id", "'{}'::text"),
    /**
     * Digests of live API keys and of their terms. The service renews them when a key is next used, because it does not
     * know the key before.
     */
    API_KEYS(
            List.of("tenant_id", "key_id"),
            "CASE WHEN revoked_at IS NULL AND expires_at > clock_timestamp() THEN digest END",
            "CASE WHEN revoked_at IS NULL AND expires_at > clock_timestamp() THEN terms_digest END",
            "key_id",
            "'{}'::text"),
    /** Digests of policies, which the service renews within seconds. */
    ACCESS_POLICIES(List.of("policy_name", "''::text"), "digest", "NULL::text", "policy_name", "'{}'::text"),
    /** PKCE verifiers of open connect sessions, which expire within an hour of the last start and are not re-sealed. */
    CONNECT_SESSIONS(
            List.of("session_id"),
            "CASE WHEN COALESCE(state_expires_at, expires_at) > clock_timestamp() THEN encrypted_code_verifier END",
            "NULL::text",
            "session_id::text",
            "client_vars");

    private static final String KEY_ID = "CASE WHEN %1$s IS NULL THEN NULL WHEN left(%1$s, 9) ~ '^[0-9a-f]{8}\\.$'"
            + " THEN left(%1$s, 8) ELSE 'unreadable' END";

    private final boolean uuid;
    private final List<String> key;
    private final String first;
    private final String second;
    private final String placeOwner;
    private final String vars;

    /** A primary key of one part is a UUID. */
    SealedTable(List<String> key, String first, String second, String placeOwner, String vars) {
        this.uuid = key.size() == 1;
        this.key = key;
        this.first = first;
        this.second = second;
        this.placeOwner = placeOwner;
        this.vars = vars;
    }

    /** The table's name. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a rotation re-seals its rows. */
    public boolean isResealed() {
        return this != API_KEYS && this != ACCESS_POLICIES && this != CONNECT_SESSIONS;
    }

    /** The key before its first row. */
    public SealedRows.RowKey start() {
        return new SealedRows.RowKey(uuid ? new UUID(0, 0).toString() : "", "");
    }

    /** The table called {@code label}. */
    static SealedTable of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /**
     * One page of $3 rows after the key ($1, $2), with the texts of rows that have one under another key than $4.
     */
    String pageSql() {
        String outdated = "(COALESCE(NOT starts_with(%1$s, $4::text || '.'), false)"
                + " OR COALESCE(NOT starts_with(%2$s, $4::text || '.'), false))";
        return ("SELECT " + keyColumns() + ", tenant_id, %3$s AS place_owner, %6$s AS vars, " + outdated
                        + " AS outdated,"
                        + " CASE WHEN " + outdated + " THEN %1$s END AS first, CASE WHEN " + outdated
                        + " THEN %2$s END AS second FROM %4$s WHERE " + behind() + " ORDER BY %5$s LIMIT $3::int")
                .formatted(first, second, placeOwner, label(), String.join(", ", key), vars);
    }

    /** Counts the next $3 rows after the key ($1, $2) by their two keys, with the last row. */
    String countSql() {
        return ("WITH page AS (SELECT " + keyColumns() + ", " + KEY_ID.formatted(first) + " AS first, "
                        + KEY_ID.formatted(second)
                        + " AS second, row_number() OVER (ORDER BY %2$s) AS n FROM %1$s WHERE "
                        + behind()
                        + " ORDER BY %2$s LIMIT $3::int), last AS (SELECT a, b FROM page ORDER BY n DESC LIMIT 1)"
                        + " SELECT first, second, count(*) AS rows, last.a, last.b FROM page, last"
                        + " GROUP BY first, second, last.a, last.b")
                .formatted(label(), String.join(", ", key));
    }

    /**
     * Replaces texts in rows that still hold the old ones. Skips locked rows until the next pass, because a statement
     * that never waits cannot deadlock.
     */
    String replaceSql() {
        String match = uuid
                ? "t.%s = n.a::uuid".formatted(key.getFirst())
                : "t.%s = n.a AND t.%s = n.b".formatted(key.toArray());
        boolean two = !second.startsWith("NULL");
        String same = "t.%s IS NOT DISTINCT FROM n.old_first".formatted(first)
                + (two ? " AND t.%s IS NOT DISTINCT FROM n.old_second".formatted(second) : "");
        String anew = "%s = n.new_first".formatted(first) + (two ? ", %s = n.new_second".formatted(second) : "");
        return """
                WITH n AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
                  AS n (a, b, old_first, old_second, new_first, new_second)),
                free AS (SELECT n.a, n.b FROM %1$s t JOIN n ON %2$s WHERE %3$s FOR UPDATE OF t SKIP LOCKED)
                UPDATE %1$s t SET %4$s
                FROM n JOIN free ON free.a = n.a AND free.b = n.b WHERE %2$s AND %3$s RETURNING n.a, n.b""".formatted(label(), match, same, anew);
    }

    private String keyColumns() {
        return uuid ? key.getFirst() + "::text AS a, ''::text AS b" : "%s AS a, %s AS b".formatted(key.toArray());
    }

    private String behind() {
        return uuid
                ? key.getFirst() + " > $1::text::uuid AND $2::text IS NOT NULL"
                : "(%s, %s) > ($1::text, $2::text)".formatted(key.toArray());
    }
}
