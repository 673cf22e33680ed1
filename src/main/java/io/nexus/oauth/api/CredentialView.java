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
 * @param tenant the tenant
 * @param provider the provider
 * @param user the user
 * @param status {@code active}, {@code reauth_required} or {@code revoked}
 * @param expired whether the access token expired
 * @param expiresAt the expiry of the access token, or null when it does not expire
 * @param expiryAssumed whether the service assumed the expiry, because the provider sent none
 * @param refreshable whether there is a refresh token
 * @param scopes the granted scopes
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param accountId the provider's id of the account, or null when unknown
 * @param accountLabel the name of the account for people, or null
 * @param tokenType the type of the access token
 * @param version the version of the token; each change increases it
 * @param metadata non-secret properties of the grant
 * @param refresh the state of its refresh
 * @param createdAt the time of the first connection
 * @param updatedAt the time of the last change
 * @param revokedAt the time of revocation, or null
 * @param lastUsedAt the time when its token was last issued, accurate to some seconds, or null
 * @param createdBy the caller that connected it, or null
 * @param warning the reason why a requested refresh failed while the token still works, or null
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
