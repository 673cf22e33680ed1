package io.nexus.oauth.store.keys;

import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** The tables that hold what was sealed or digested under a master key, in the order in which a rotation takes them. */
public enum SealedTable {
    /** Grants. */
    OAUTH_CREDENTIALS(
            List.of("credential_id"),
            "encrypted_access_token",
            "encrypted_refresh_token",
            "credential_id::text",
            "client_vars"),
    /** Grants that are still to be revoked at their provider; sealed for the credential's place. */
    REVOCATION_OUTBOX(
            List.of("revocation_id"),
            "encrypted_access_token",
            "encrypted_refresh_token",
            "credential_id::text",
            "client_vars"),
    /** OAuth client registrations. */
    OAUTH_CLIENTS(
            List.of("tenant_id", "provider"), "encrypted_client_secret", "encrypted_second_secret", "provider", "vars"),
    /** The keys of tenants, which are under a master key alone. */
    TENANT_KEYS(List.of("tenant_id", "key_id"), "encrypted_key", "NULL::text", "key_id", "'{}'::text"),
    /** Digests of live API keys and of their terms: renewed when a key is next used, as nobody here knows the key. */
    API_KEYS(
            List.of("tenant_id", "key_id"),
            "CASE WHEN revoked_at IS NULL AND expires_at > clock_timestamp() THEN digest END",
            "CASE WHEN revoked_at IS NULL AND expires_at > clock_timestamp() THEN terms_digest END",
            "key_id",
            "'{}'::text"),
    /** Digests of policies, which are renewed within seconds. */
    ACCESS_POLICIES(List.of("policy_name", "''::text"), "digest", "NULL::text", "policy_name", "'{}'::text"),
    /** PKCE verifiers of connects under way: they end within minutes and are left to that. */
    CONNECT_SESSIONS(
            List.of("session_id"),
            "CASE WHEN expires_at > clock_timestamp() THEN encrypted_code_verifier END",
            "NULL::text",
            "session_id::text",
            "client_vars");

    private static final String KEY_ID = "CASE WHEN %1$s IS NULL THEN NULL WHEN left(%1$s, 9) ~ '^[0-9a-f]{8}\\.$'"
            + " THEN left(%1$s, 8) ELSE 'unreadable' END";

    private final boolean uuid;
    private final List<String> key;
    private final String first;
    private final String second;
    private final String owner;
    private final String vars;

    /** A key of one part is a UUID. */
    SealedTable(List<String> key, String first, String second, String owner, String vars) {
        this.uuid = key.size() == 1;
        this.key = key;
        this.first = first;
        this.second = second;
        this.owner = owner;
        this.vars = vars;
    }

    /** The table's name. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a rotation seals its rows anew. */
    public boolean isResealed() {
        return this != API_KEYS && this != ACCESS_POLICIES && this != CONNECT_SESSIONS;
    }

    /** The cursor before its first row. */
    public SealedRows.Cursor start() {
        return new SealedRows.Cursor(uuid ? new UUID(0, 0).toString() : "", "");
    }

    /** The table called {@code label}. */
    static SealedTable of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** One page behind the cursor ($1, $2), of $3 rows; the texts only of rows with one that is not under $4. */
    String pageSql() {
        String wanted = "(COALESCE(NOT starts_with(%1$s, $4::text || '.'), false)"
                + " OR COALESCE(NOT starts_with(%2$s, $4::text || '.'), false))";
        return ("SELECT " + cursor() + ", tenant_id, %3$s AS owner, %6$s AS vars, " + wanted + " AS wanted,"
                        + " CASE WHEN " + wanted + " THEN %1$s END AS first, CASE WHEN " + wanted
                        + " THEN %2$s END AS second FROM %4$s WHERE " + behind() + " ORDER BY %5$s LIMIT $3::int")
                .formatted(first, second, owner, label(), String.join(", ", key), vars);
    }

    /** How many of the $3 rows behind the cursor ($1, $2) are under which two keys, and the last of them. */
    String countSql() {
        return ("WITH page AS (SELECT " + cursor() + ", " + KEY_ID.formatted(first) + " AS first, "
                        + KEY_ID.formatted(second)
                        + " AS second, row_number() OVER (ORDER BY %2$s) AS n FROM %1$s WHERE "
                        + behind()
                        + " ORDER BY %2$s LIMIT $3::int), last AS (SELECT a, b FROM page ORDER BY n DESC LIMIT 1)"
                        + " SELECT first, second, count(*) AS rows, last.a, last.b FROM page, last"
                        + " GROUP BY first, second, last.a, last.b")
                .formatted(label(), String.join(", ", key));
    }

    /**
     * Replaces texts, each row only if it still holds the old ones. Rows that somebody has locked are left for the next time:
     * whoever waits for nobody is in no deadlock.
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

    private String cursor() {
        return uuid ? key.getFirst() + "::text AS a, ''::text AS b" : "%s AS a, %s AS b".formatted(key.toArray());
    }

    private String behind() {
        return uuid
                ? key.getFirst() + " > $1::text::uuid AND $2::text IS NOT NULL"
                : "(%s, %s) > ($1::text, $2::text)".formatted(key.toArray());
    }
}
