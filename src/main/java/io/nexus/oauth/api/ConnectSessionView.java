package io.nexus.oauth.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A connect session.
 *
 * @param id its id
 * @param url the one-time link, only in the answer that created the session
 * @param provider the provider
 * @param user the user
 * @param status {@code created}, {@code started}, {@code exchanging}, {@code connected}, {@code failed} or {@code expired}
 * @param error the error code when it failed, or null
 * @param credentialId the connected credential, or null
 * @param expiresAt the expiry of the link
 */
public record ConnectSessionView(
        UUID id,
        @Nullable String url,
        String provider,
        String user,
        String status,
        @Nullable String error,
        @Nullable UUID credentialId,
        Instant expiresAt) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "ConnectSessionView[id=" + id + "]";
    }
}
