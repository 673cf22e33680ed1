package io.nexus.oauth.api;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An access token, in the form of RFC 6749 section 5.1. It never contains a refresh token.
 *
 * @param accessToken the access token
 * @param tokenType the token type
 * @param expiresIn in how many seconds it expires; null when it does not
 * @param expiresAt when it expires; null when it does not
 * @param cacheUntil how long the caller may keep it; null when it does not expire
 * @param scope the granted scopes, separated by spaces
 * @param version a number that rises with each change of the token. Send it when the API of the provider refuses the token
 * @param refreshState {@code fresh}: no refresh is due; {@code refreshed}: the service refreshed the token for this request;
 *     {@code refreshing}: the token works, and a refresh runs in the background; {@code degraded}: the token works, but its
 *     refresh failed or is impossible, {@code warning} says why
 * @param warning a stable code when something is wrong although the token works; null otherwise
 * @param credentialId the credential
 * @param provider the provider
 * @param user the user of the account
 * @param header the header to send the token in, complete but for the token
 * @param apiBase the base URL of the provider's API for this account; null when it is the same for all
 * @param metadata further facts of the grant that are no secret
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
