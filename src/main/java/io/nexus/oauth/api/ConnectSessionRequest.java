package io.nexus.oauth.api;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a link with which a person connects an account.
 *
 * @param provider the provider; not needed with {@code credential_id}
 * @param user whose account; not needed with {@code credential_id}
 * @param credentialId the credential to reconnect, or null for whatever the provider and user name
 * @param scopes what to ask for; the registered client's scopes when null
 * @param returnUrl where the browser goes afterwards; the result page when null
 * @param acceptOtherAccount whether a reconnect may replace the grant of another account
 */
public record ConnectSessionRequest(
        @Nullable String provider,
        @Nullable String user,
        @Nullable UUID credentialId,
        @Nullable List<String> scopes,
        @Nullable String returnUrl,
        boolean acceptOtherAccount) {}
