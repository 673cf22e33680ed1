package io.nexus.oauth.store;

import io.nexus.oauth.credential.CredentialState;

/**
 * The conditions of {@link CredentialState} on a row {@code c} of {@code oauth_credentials}. Each row has exactly one state. The
 * texts of the indexed expressions are those of the migration V20.
 */
final class StateSql {

    /** As {@code StoredCredential.isRenewable}; the index of due credentials has this condition. */
    static final String RENEWABLE = "(c.encrypted_refresh_token IS NOT NULL OR c.token_request IS NOT NULL)";

    /** The opposite of {@link #RENEWABLE}, in the words of the index of ends. */
    static final String NOT_RENEWABLE = "c.encrypted_refresh_token IS NULL AND c.token_request IS NULL";

    /** When neither the access token nor a refresh can give a valid token any more. */
    private static final String ENDS_AT = """
            (CASE WHEN %s THEN c.expires_at
              WHEN c.refresh_expires_at > c.expires_at THEN c.refresh_expires_at
              WHEN c.refresh_expires_at IS NOT NULL THEN c.expires_at END)""".formatted(NOT_RENEWABLE);

    private static final String PERIOD = "interval '" + CredentialState.EXPIRING_WITHIN.toHours()
            + " hours'"; // a day of an interval can have 23 hours

    private static final String EXPIRING = ENDS_AT + " <= %1$s + " + PERIOD
            + " AND (" + NOT_RENEWABLE
            + " OR c.refresh_expires_at <= %1$s OR c.refresh_expires_at - c.refresh_end_since > "
            + PERIOD + ")";

    private StateSql() {}

    /** The condition that a row is in {@code state} at the time of the SQL expression {@code now}. */
    static String of(CredentialState state, String now) {
        String condition = switch (state) {
            case VALID ->
                "(c.status = 'active' AND (c.expires_at IS NULL OR c.expires_at > %1$s) AND (" + EXPIRING
                        + ") IS NOT TRUE)";
            case EXPIRING -> "(c.status = 'active' AND c.expires_at > %1$s AND " + EXPIRING + ")";
            case EXPIRED -> "(c.status = 'active' AND c.expires_at <= %1$s AND (" + ENDS_AT + " <= %1$s) IS NOT TRUE)";
            case RECONNECT_REQUIRED ->
                "(c.status = 'reauth_required' OR c.status = 'active' AND " + ENDS_AT + " <= %1$s)";
            case REVOKED -> "(c.status = 'revoked' AND %1$s IS NOT NULL)"; // each condition has its parameter
        };
        return condition.formatted(now);
    }
}
