package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API key without its secret.
 *
 * @param id its id, the public part of the key
 * @param key the whole key, only in the answer that issued it
 * @param name its name
 * @param tenant the tenant it acts for
 * @param roles its roles
 * @param createdBy the caller that issued it
 * @param createdAt the time of issue
 * @param expiresAt the expiry
 * @param revokedAt the time of revocation, or null
 * @param lastUsedAt the time of the last use, accurate to 30 seconds, or null
 */
public record ApiKeyView(
        String id,
        @Nullable String key,
        String name,
        String tenant,
        List<String> roles,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "ApiKeyView[id=" + id + "]";
    }
}
