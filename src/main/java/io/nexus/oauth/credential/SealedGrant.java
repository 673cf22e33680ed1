package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A grant with sealed tokens, ready to be stored.
 *
 * @param accessToken the sealed access token
 * @param refreshToken the sealed refresh token, or null to keep the stored one (RFC 6749 section 6)
 * @param tokenType how the access token is sent
 * @param scopes the granted scopes, or null to keep the stored ones
 * @param expiresAt when the access token expires, or null when it does not
 * @param expiryAssumed true when the provider named no expiry
 * @param issuedAt when the service sent the request for it
 * @param nextRefreshAt when the schedule refreshes it, or null for never
 * @param metadata non-secret values of the grant
 * @param clientVars the OAuth client's variables to which the seal is bound
 * @param quarantine how long an attempt with an unknown result blocks further refreshes, or null to keep the stored
 *     value
 * @param refreshExpiresAt when the refresh token expires, or null when that is unknown
 * @param defect a stable code of what is missing in the response, or null; the grant is stored and counts as a failed
 *     refresh
 */
public record SealedGrant(
        SealedSecret accessToken,
        @Nullable SealedSecret refreshToken,
        String tokenType,
        @Nullable Scopes scopes,
        @Nullable Instant expiresAt,
        boolean expiryAssumed,
        Instant issuedAt,
        @Nullable Instant nextRefreshAt,
        Map<String, String> metadata,
        Map<String, String> clientVars,
        @Nullable Duration quarantine,
        @Nullable Instant refreshExpiresAt,
        @Nullable String defect) {

    /** Copies the maps. */
    public SealedGrant {
        metadata = Map.copyOf(metadata);
        clientVars = Map.copyOf(clientVars);
    }
}
