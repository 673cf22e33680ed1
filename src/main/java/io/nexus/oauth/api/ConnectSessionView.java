package io.nexus.oauth.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A connect session.
 *
 * @param id its id
 * @param url the one-time link, in the answer that made the session only
 * @param provider the provider
 * @param user whose account
 * @param status {@code created}, {@code started}, {@code exchanging}, {@code connected}, {@code failed} or {@code expired}
 * @param error why it failed, or null
 * @param credentialId the credential it made, or null
 * @param expiresAt when its link stops working
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
