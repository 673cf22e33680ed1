package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a token endpoint gave (<a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.1">RFC 6749 section 5.1</a>), after the
 * rules for what providers really send.
 *
 * @param accessToken the access token, or null when only a new refresh token came (it still has to be kept)
 * @param refreshToken the new refresh token, or null to keep the old one (RFC 6749 section 6)
 * @param tokenType how the access token is to be sent; {@code Bearer} in its one spelling
 * @param expiresAt when it ends, counted from before the request was sent; null when it does not
 * @param expiryAssumed true when the provider named no expiry
 * @param scopes the granted scopes, or null for "as asked"
 * @param refreshExpiresAt when the refresh token ends, or null when unknown
 * @param idToken the OpenID Connect ID token, or null
 * @param metadata non-secret facts that the profile keeps, and what the profile reads the account's identity from
 */
public record TokenResponse(
        @Nullable Secret accessToken,
        @Nullable Secret refreshToken,
        String tokenType,
        @Nullable Instant expiresAt,
        boolean expiryAssumed,
        @Nullable Scopes scopes,
        @Nullable Instant refreshExpiresAt,
        @Nullable Secret idToken,
        Map<String, String> metadata) {

    /** Copies the metadata. */
    public TokenResponse {
        metadata = Map.copyOf(metadata);
    }
}
