package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An access token as the caller receives it.
 *
 * @param key the credential it belongs to
 * @param account the account of the credential
 * @param value the token; null when the caller already holds this version, so that nothing was decrypted
 * @param tokenType how the caller sends it, usually {@code Bearer}
 * @param expiresAt when it expires, or null when it does not
 * @param refreshAt when the schedule refreshes it, or null for never
 * @param scopes the granted scopes
 * @param version the version of the credential's token material
 * @param freshness the state of its refresh
 * @param warning a stable code of a problem that does not affect this token yet, or null
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

    /** Token types that need a proof with each request (RFC 9449, RFC 6749 section 7.1): the token alone is useless. */
    private static final Set<String> TYPES_WITH_PROOF = Set.of("dpop", "mac", "pop");

    /** Whether a token of {@code tokenType} works only with a proof of possession, which this service does not support. */
    public static boolean needsProof(String tokenType) {
        return TYPES_WITH_PROOF.contains(tokenType.toLowerCase(Locale.ROOT));
    }

    /** The state of the refresh of an issued token. */
    public enum Freshness {
        /** No refresh is due. */
        FRESH,
        /** The service refreshed it for this request. */
        REFRESHED,
        /** It is valid; a refresh runs in the background. */
        REFRESHING,
        /** It is valid, but its refresh failed or is impossible: see the warning. */
        DEGRADED
    }
}
