package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A grant from elsewhere to be kept.
 *
 * @param provider the provider
 * @param user whose account
 * @param accessToken the access token
 * @param refreshToken the refresh token, or null
 * @param tokenType {@code Bearer} when null
 * @param expiresAt when the access token ends, or null
 * @param expiresIn seconds until it ends, instead of {@code expires_at}
 * @param scopes the granted scopes, or null
 * @param clientId the OAuth client of the grant; the registered one when null
 * @param accountId the provider's id of the account, or null
 * @param accountLabel what a person recognises the account by, or null
 * @param acceptOtherAccount whether the grant of another account may be replaced
 * @param metadata non-secret facts of the grant, or null
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
