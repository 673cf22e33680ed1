package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One try of one person to connect one account.
 *
 * @param id names it to the caller that made it; not a secret
 * @param account the credential it is for
 * @param scopes what to ask for, or none for the client's own
 * @param returnUrl where the browser goes afterwards, or null for the result page
 * @param acceptOtherAccount whether a reconnect may replace the grant of another account
 * @param createdBy the caller that made it
 * @param status how far it is
 * @param error why it failed, or null
 * @param credentialId the credential it made, or null
 * @param createdAt when it was made
 * @param expiresAt when its link and its state stop working
 */
public record ConnectSession(
        UUID id,
        AccountKey account,
        Scopes scopes,
        @Nullable String returnUrl,
        boolean acceptOtherAccount,
        String createdBy,
        Status status,
        @Nullable String error,
        @Nullable UUID credentialId,
        Instant createdAt,
        Instant expiresAt) {

    /** How far a session is. */
    public enum Status {
        /** The link was not used. */
        CREATED,
        /** A browser was sent to the provider. */
        STARTED,
        /** The provider sent the browser back and its code is being traded. */
        EXCHANGING,
        /** The account is connected. */
        CONNECTED,
        /** It ended without a connection. */
        FAILED;

        /** The stored and published text. */
        public String value() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Where the PKCE verifier of the session {@code id} is kept, started with {@code clientVars}. */
    public static SecretPlace verifierPlace(TenantId tenant, UUID id, Map<String, String> clientVars) {
        return new SecretPlace(tenant, id.toString(), "code_verifier", clientVars);
    }
}
