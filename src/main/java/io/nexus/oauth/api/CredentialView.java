package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A credential without its secrets.
 *
 * @param id its id
 * @param tenant whose it is
 * @param provider the provider
 * @param user the user
 * @param status {@code active}, {@code reauth_required} or {@code revoked}
 * @param expired whether the access token has ended
 * @param expiresAt when the access token ends, or null when it does not
 * @param expiryAssumed true when the provider named no expiry and this is our assumption
 * @param refreshable whether there is a refresh token
 * @param scopes the granted scopes
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param accountId the provider's id of the account, or null when it does not tell
 * @param accountLabel what a person recognises the account by, or null
 * @param tokenType how the access token is sent
 * @param version counts the changes of the token
 * @param metadata non-secret facts of the grant
 * @param refresh how its refreshing stands
 * @param createdAt when it was connected first
 * @param updatedAt when it last changed
 * @param revokedAt when it was revoked, or null
 * @param lastUsedAt when it was last handed out, to some seconds, or null
 * @param createdBy who connected it, or null
 * @param warning why a refresh that was asked for did not happen although the token works, or null
 */
public record CredentialView(
        UUID id,
        String tenant,
        String provider,
        String user,
        String status,
        boolean expired,
        @Nullable Instant expiresAt,
        boolean expiryAssumed,
        boolean refreshable,
        List<String> scopes,
        @Nullable String clientId,
        @Nullable String accountId,
        @Nullable String accountLabel,
        String tokenType,
        long version,
        Map<String, String> metadata,
        RefreshView refresh,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt,
        @Nullable String createdBy,
        @Nullable String warning) {}
