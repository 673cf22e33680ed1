package io.nexus.oauth.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A connect session.
 *
 * @param id the id of the session
 * @param url the one-time link. Only the response that creates the session has this field
 * @param provider the provider
 * @param user the user of the account
 * @param status {@code created}: nobody has opened the link; {@code started}: the service has sent a browser to the provider;
 *     {@code exchanging}: the browser is back and the service exchanges its code; {@code connected}: the account is connected;
 *     {@code failed}: the session ended without a connection, {@code error} says why; {@code expired}: nobody finished in time
 * @param error why it failed; null while it has not
 * @param credentialId the credential; null before the account is connected
 * @param expiresAt when the link expires, or later the state of a browser that started it
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
