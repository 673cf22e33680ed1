package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A grant in clear text, received from a provider or a caller and not sealed yet. It lives as long as one operation and
 * is never cached.
 *
 * @param accessToken the access token
 * @param refreshToken the refresh token, or null when the provider gave none
 * @param tokenType how the access token is sent, usually {@code Bearer}
 * @param expiresAt when the access token expires, or null when it does not
 * @param expiryAssumed true when the provider named no expiry and the service assumed {@code expiresAt}
 * @param scopes the granted scopes
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param clientVars the client's variables when the grant was made; empty when it had none
 * @param identity the account's identity, or null when the provider does not report it
 * @param metadata non-secret values of the grant (for example {@code instance_url}), used as template variables
 * @param refreshExpiresAt when the refresh token expires, or null when that is unknown
 * @param request the token request of a machine connection, or null for the grant of a person
 */
public record OAuthCredential(
        Secret accessToken,
        @Nullable Secret refreshToken,
        String tokenType,
        @Nullable Instant expiresAt,
        boolean expiryAssumed,
        Scopes scopes,
        @Nullable String clientId,
        Map<String, String> clientVars,
        @Nullable AccountIdentity identity,
        Map<String, String> metadata,
        @Nullable Instant refreshExpiresAt,
        @Nullable TokenRequest request) {

    /** The token type of nearly every provider (RFC 6750). */
    public static final String BEARER = "Bearer";

    /** Copies the maps. */
    public OAuthCredential {
        clientVars = Map.copyOf(clientVars);
        metadata = Map.copyOf(metadata);
    }

    /** A bearer grant with two tokens and an expiry. */
    public static OAuthCredential bearer(
            Secret accessToken, @Nullable Secret refreshToken, @Nullable Instant expiresAt) {
        return new OAuthCredential(
                accessToken,
                refreshToken,
                BEARER,
                expiresAt,
                false,
                Scopes.NONE,
                null,
                Map.of(),
                null,
                Map.of(),
                null,
                null);
    }

    /** This grant as one of the client {@code id} with these variables. */
    public OAuthCredential withClient(String id, Map<String, String> vars) {
        return new OAuthCredential(
                accessToken,
                refreshToken,
                tokenType,
                expiresAt,
                expiryAssumed,
                scopes,
                id,
                vars,
                identity,
                metadata,
                refreshExpiresAt,
                request);
    }

    /** This grant of the account {@code who}, with {@code more} metadata, which replaces values of the same name. */
    public OAuthCredential withIdentity(AccountIdentity who, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(metadata);
        all.putAll(more);
        return new OAuthCredential(
                accessToken,
                refreshToken,
                tokenType,
                expiresAt,
                expiryAssumed,
                scopes,
                clientId,
                clientVars,
                who,
                all,
                refreshExpiresAt,
                request);
    }
}
