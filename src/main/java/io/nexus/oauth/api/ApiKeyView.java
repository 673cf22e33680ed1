package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API key without its secret.
 *
 * @param id the public part of the key
 * @param key the whole key. Only the response that creates it has this field
 * @param name the name that people recognise the key by
 * @param tenant the tenant that the key acts for
 * @param roles the roles of the key
 * @param createdBy the caller that created it
 * @param createdAt when it was created
 * @param expiresAt when it expires
 * @param revokedAt when it was revoked; null while it is not
 * @param lastUsedAt when it was used last, to the half minute; null before the first use
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
