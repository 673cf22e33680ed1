package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An API key as it is stored: never its secret, only a keyed digest.
 *
 * @param id the public part of the key
 * @param tenant the one tenant it acts for
 * @param name what people call it
 * @param roles the names of its roles
 * @param digest the keyed digest of the secret part
 * @param termsDigest the keyed digest of that and of what it grants, or null: then it grants nothing
 * @param createdBy the caller that made it
 * @param createdAt when it was made
 * @param expiresAt when it stops working
 * @param revokedAt when it was revoked, or null
 * @param lastUsedAt when it was last used, to the half minute, or null
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

    /** The same with other digests. */
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

    /** Whether it works at {@code now}. */
    public boolean isLiveAt(Instant now) {
        return revokedAt == null && now.isBefore(expiresAt);
    }
}
