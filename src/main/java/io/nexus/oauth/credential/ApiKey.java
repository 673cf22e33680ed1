package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An API key as it is stored: a keyed digest, never the secret.
 *
 * @param id the public part of the key
 * @param tenant the only tenant that the key acts for
 * @param name a name for people
 * @param roles the names of its roles
 * @param digest the keyed digest of the secret part
 * @param termsDigest the keyed digest of the secret part and of what the key grants; a key without one grants nothing
 * @param createdBy the caller that created it
 * @param createdAt when it was created
 * @param expiresAt when it expires
 * @param revokedAt when it was revoked, or null
 * @param lastUsedAt when it was last used, accurate to 30 seconds, or null
 */
public record ApiKey(
        String id,
        TenantId tenant,
        String name,
        Set<String> roles,
        String digest,
        @Nullable String termsDigest,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt) {

    /** Copies the roles. */
    public ApiKey {
        roles = Set.copyOf(roles);
    }

    /** This key with other digests. */
    public ApiKey with(String newDigest, @Nullable String newTermsDigest) {
        return new ApiKey(
                id,
                tenant,
                name,
                roles,
                newDigest,
                newTermsDigest,
                createdBy,
                createdAt,
                expiresAt,
                revokedAt,
                lastUsedAt);
    }

    /** Whether the key is neither revoked nor expired at {@code now}. */
    public boolean isLiveAt(Instant now) {
        return revokedAt == null && now.isBefore(expiresAt);
    }
}
