package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An access token as it is handed out.
 *
 * @param key the credential it belongs to
 * @param account whose account
 * @param value the token; null when the caller holds this very version already, and nothing was opened
 * @param tokenType how it is to be sent
 * @param expiresAt when it ends, or null when it does not
 * @param refreshAt when its refresh is planned, or null when none is
 * @param scopes the granted scopes
 * @param version the version of the credential's token material
 * @param freshness how its refreshing stands
 * @param warning a stable code when something is wrong although the token works, or null
 * @param metadata non-secret facts of the grant
 */
public record AccessToken(
        CredentialKey key,
        AccountKey account,
        @Nullable Secret value,
        String tokenType,
        @Nullable Instant expiresAt,
        @Nullable Instant refreshAt,
        Scopes scopes,
        long version,
        Freshness freshness,
        @Nullable String warning,
        Map<String, String> metadata) {

    /** How the refreshing of a handed-out token stands. */
    public enum Freshness {
        /** Nothing is due. */
        FRESH,
        /** It was renewed for this request. */
        REFRESHED,
        /** It works; its renewal is running in the background. */
        REFRESHING,
        /** It works, but its renewal failed or is impossible: see the warning. */
        DEGRADED
    }
}
