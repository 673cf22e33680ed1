package io.nexus.oauth.api;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An access token, in the shape of RFC 6749 section 5.1. There is no refresh token in it, ever.
 *
 * @param accessToken the token
 * @param tokenType how it is to be sent
 * @param expiresIn seconds it is still good for, or null when it does not end
 * @param expiresAt when it ends, or null
 * @param cacheUntil how long the caller may keep it in its own memory, or null when it does not end
 * @param scope the granted scopes, separated by spaces
 * @param version counts the changes of the token; names the one that a caller holds
 * @param refreshState {@code fresh}, {@code refreshed}, {@code refreshing} or {@code degraded}
 * @param warning a stable code when something is wrong although the token works, or null
 * @param credentialId the credential it belongs to
 * @param provider the provider
 * @param user the user
 * @param header the header to send it in, complete but for the token
 * @param apiBase the base of the provider's API for this account, or null when it is always the same
 * @param metadata non-secret facts of the grant
 */
public record TokenView(
        String accessToken,
        String tokenType,
        @Nullable Long expiresIn,
        @Nullable Instant expiresAt,
        @Nullable Instant cacheUntil,
        String scope,
        long version,
        String refreshState,
        @Nullable String warning,
        UUID credentialId,
        String provider,
        String user,
        String header,
        @Nullable String apiBase,
        Map<String, String> metadata) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "TokenView[credentialId=" + credentialId + ", version=" + version + "]";
    }
}
