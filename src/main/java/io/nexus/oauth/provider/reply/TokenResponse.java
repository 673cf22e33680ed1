package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The successful response of a token endpoint (<a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.1">RFC 6749
 * section 5.1</a>), normalised for what providers really send.
 *
 * @param accessToken the access token, or null when the response has only a new refresh token (which must still be
 *     stored)
 * @param refreshToken the new refresh token, or null to keep the old one (RFC 6749 section 6)
 * @param tokenType how to send the access token; {@code Bearer} is normalised to this spelling
 * @param expiresAt when the access token expires, counted from before the request was sent; null when it never expires
 * @param expiryAssumed true when the provider named no expiry
 * @param scopes the granted scopes, or null when they are the requested ones
 * @param refreshExpiresAt when the refresh token expires, or null when unknown
 * @param idToken the OpenID Connect ID token, or null
 * @param metadata non-secret values that the profile keeps, and those that identify the account
 * @param issuedTokenType the type of the token that an exchange issued (RFC 8693 section 2.2.1), or null
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
        Map<String, String> metadata,
        @Nullable String issuedTokenType) {

    /** The code of a response with a refresh token and without an access token. */
    public static final String NO_ACCESS_TOKEN = "no_token";

    /** Copies the metadata. */
    public TokenResponse {
        metadata = Map.copyOf(metadata);
    }

    /** This response with {@code more} metadata, which replaces values of the same name. */
    public TokenResponse withMetadata(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(metadata);
        all.putAll(more);
        return new TokenResponse(
                accessToken,
                refreshToken,
                tokenType,
                expiresAt,
                expiryAssumed,
                scopes,
                refreshExpiresAt,
                idToken,
                all,
                issuedTokenType);
    }

    /** This response without its refresh token: that of a machine connection is not kept (RFC 6749 section 4.4.3). */
    public TokenResponse withoutRefreshToken() {
        return new TokenResponse(
                accessToken,
                null,
                tokenType,
                expiresAt,
                expiryAssumed,
                scopes,
                null,
                idToken,
                metadata,
                issuedTokenType);
    }
}
