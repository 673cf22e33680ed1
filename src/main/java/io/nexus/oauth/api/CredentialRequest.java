package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A grant to import.
 *
 * @param provider the provider
 * @param user the user
 * @param accessToken the access token
 * @param refreshToken the refresh token, or null
 * @param tokenType {@code Bearer} when null
 * @param expiresAt the expiry of the access token, or null
 * @param expiresIn seconds until the access token expires, instead of {@code expires_at}
 * @param scopes the granted scopes, or null
 * @param clientId the OAuth client of the grant; the registered one when null
 * @param accountId the provider's id of the account, or null
 * @param accountLabel the name of the account for people, or null
 * @param acceptOtherAccount whether to replace the grant of another account at the provider
 * @param metadata non-secret properties of the grant, or null
 */
public record CredentialRequest(
        @Nullable String provider,
        @Nullable String user,
        @Nullable String accessToken,
        @Nullable String refreshToken,
        @Nullable String tokenType,
        @Nullable Instant expiresAt,
        @Nullable Long expiresIn,
        @Nullable List<String> scopes,
        @Nullable String clientId,
        @Nullable String accountId,
        @Nullable String accountLabel,
        boolean acceptOtherAccount,
        @Nullable Map<String, String> metadata) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "CredentialRequest[provider=" + provider + ", user=" + user + "]";
    }
}
