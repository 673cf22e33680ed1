package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A credential as it is stored: its secrets are sealed, so it may be cached.
 *
 * @param key its tenant and id
 * @param account whose account at which provider
 * @param status what is stored of its state
 * @param accessToken the sealed access token, or null once revoked
 * @param refreshToken the sealed refresh token, or null when there is none
 * @param tokenType how the access token is to be sent
 * @param expiresAt when the access token ends, or null when it does not
 * @param expiryAssumed true when the provider named no expiry
 * @param scopes the granted scopes
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param clientVars the client's variables when the grant was made: its secrets go nowhere else and open with no others
 * @param identity the account at the provider, or null
 * @param metadata non-secret facts of the grant
 * @param version counts the changes of the token material
 * @param refresh how its refreshing stands
 * @param issuedAt when the token material last changed
 * @param createdAt when it was connected first
 * @param updatedAt when the row last changed
 * @param revokedAt when it was revoked, or null
 * @param lastUsedAt when it was last handed out, to the minute, or null
 * @param createdBy the caller that connected it, or null
 */
public record StoredCredential(
        CredentialKey key,
        AccountKey account,
        CredentialStatus status,
        @Nullable SealedSecret accessToken,
        @Nullable SealedSecret refreshToken,
        String tokenType,
        @Nullable Instant expiresAt,
        boolean expiryAssumed,
        Scopes scopes,
        @Nullable String clientId,
        Map<String, String> clientVars,
        @Nullable AccountIdentity identity,
        Map<String, String> metadata,
        long version,
        RefreshState refresh,
        Instant issuedAt,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt,
        @Nullable String createdBy) {

    /** The field name of the access token in {@link #place}. */
    public static final String ACCESS_TOKEN = "access_token";

    /** The field name of the refresh token in {@link #place}. */
    public static final String REFRESH_TOKEN = "refresh_token";

    /** Where the secret called {@code field} of the credential {@code key} is kept, made with {@code clientVars}. */
    public static SecretPlace place(CredentialKey key, Map<String, String> clientVars, String field) {
        return new SecretPlace(key.tenant(), key.id().toString(), field, clientVars);
    }

    /** Whether the access token is good for more than {@code least} after {@code now}. One without an end always is. */
    public boolean isValidFor(Duration least, Instant now) {
        return expiresAt == null || now.plus(least).isBefore(expiresAt);
    }

    /** Whether a refresh could be tried at all. */
    public boolean isRefreshable() {
        return status == CredentialStatus.ACTIVE && refreshToken != null;
    }

    /** This credential as it is once {@code grant}, the answer to a refresh, is stored. */
    public StoredCredential with(SealedGrant grant) {
        RefreshState renewed =
                new RefreshState(grant.nextRefreshAt(), grant.issuedAt(), null, 0, 0, null, null, false, Duration.ZERO);
        return new StoredCredential(
                key,
                account,
                CredentialStatus.ACTIVE,
                grant.accessToken(),
                grant.refreshToken() == null ? refreshToken : grant.refreshToken(),
                grant.tokenType(),
                grant.expiresAt(),
                grant.expiryAssumed(),
                grant.scopes() == null ? scopes : grant.scopes(),
                clientId,
                clientVars,
                identity,
                grant.metadata(),
                version + 1,
                renewed,
                grant.issuedAt(),
                createdAt,
                updatedAt,
                null,
                lastUsedAt,
                createdBy);
    }

    /** How long the present access token was good for when it was issued, or null when it has no end. */
    public @Nullable Duration lifetime() {
        return expiresAt == null ? null : Duration.between(issuedAt, expiresAt);
    }
}
