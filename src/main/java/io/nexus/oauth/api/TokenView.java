package io.nexus.oauth.api;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An access token, in the form of RFC 6749 section 5.1. It never contains a refresh token.
 *
 * @param accessToken the token
 * @param tokenType the type of the token, usually {@code Bearer}
 * @param expiresIn seconds until the token expires, or null when it does not expire
 * @param expiresAt the expiry, or null when it does not expire
 * @param cacheUntil the time until which the caller may cache the token, or null when it does not expire
 * @param scope the granted scopes, separated by spaces
 * @param version the version of the token; each change increases it
 * @param refreshState {@code fresh}, {@code refreshed}, {@code refreshing} or {@code degraded}
 * @param warning a stable code of a problem that does not affect this token yet, or null
 * @param credentialId the credential
 * @param provider the provider
 * @param user the user
 * @param header the HTTP header to send, without the token at its end
 * @param apiBase the base URL of the provider's API for this account, or null when it is the same for all accounts
 * @param metadata non-secret properties of the grant
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
