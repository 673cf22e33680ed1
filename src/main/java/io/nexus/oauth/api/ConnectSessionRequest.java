package io.nexus.oauth.api;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A request for a one-time link that connects an account.
 *
 * @param provider the provider; not needed with {@code credential_id}
 * @param user the user; not needed with {@code credential_id}
 * @param credentialId the credential to reconnect, instead of {@code provider} and {@code user}, or null
 * @param scopes the scopes to request; those of the registered client when null
 * @param returnUrl the URL to which the browser returns; the result page when null
 * @param acceptOtherAccount whether to accept another account at the provider than before
 */
public record ConnectSessionRequest(
        @Nullable String provider,
        @Nullable String user,
        @Nullable UUID credentialId,
        @Nullable List<String> scopes,
        @Nullable String returnUrl,
        boolean acceptOtherAccount) {}
