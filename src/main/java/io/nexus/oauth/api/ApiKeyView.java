package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API key without its secret.
 *
 * @param id its public part
 * @param key the whole key, in the answer that made it only
 * @param name what people call it
 * @param tenant the tenant it acts for
 * @param roles its roles
 * @param createdBy who made it
 * @param createdAt when it was made
 * @param expiresAt when it stops working
 * @param revokedAt when it was revoked, or null
 * @param lastUsedAt when it was last used, to the half minute, or null
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
