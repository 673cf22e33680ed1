package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a person to connect one account.
 *
 * @param id identifies the session to the caller that created it; not a secret
 * @param account the credential it is for
 * @param scopes the scopes to request; none stands for the client's default
 * @param returnUrl where the browser goes afterwards, or null for the result page
 * @param origin the origin of the page that opened the link in a pop-up window, or null
 * @param acceptOtherAccount whether a reconnect may replace the grant of another account
 * @param expectedAccount the only account at the provider that it may connect, see {@code ReportedAccount}, or null
 * @param wanted what it asks for beside scopes
 * @param createdBy the caller that created it
 * @param status the progress of the session
 * @param error the code of the failure, or null
 * @param credentialId the stored credential, or null
 * @param createdAt when it was created
 * @param expiresAt when its link expires, or later the state of a browser that started it
 */
public record ConnectSession(
        UUID id,
        AccountKey account,
        Scopes scopes,
        @Nullable String returnUrl,
        @Nullable String origin,
        boolean acceptOtherAccount,
        @Nullable String expectedAccount,
        GrantRequest wanted,
        String createdBy,
        Status status,
        @Nullable String error,
        @Nullable UUID credentialId,
        Instant createdAt,
        Instant expiresAt) {

    /** The error of a person who refused at the provider (RFC 6749 section 4.1.2.1). */
    public static final String DENIED = "access_denied";

    /** The error of a person who connected another account than the session expects. */
    public static final String UNEXPECTED_ACCOUNT = "unexpected_account";

    /** Precedes the user in {@link #createdBy} when the person made the link on the page of the own accounts. */
    public static final String BY_USER = "user:";

    /** The most unused links of one person who makes them on the page of the own accounts. */
    public static final long MAX_OWN_LINKS = 20;

    /** The progress of a session. */
    public enum Status {
        /** Nobody has used the link yet. */
        CREATED,
        /** The service redirected a browser to the provider. */
        STARTED,
        /** The provider redirected the browser back, and the service exchanges the code. */
        EXCHANGING,
        /** The account is connected. */
        CONNECTED,
        /** The session ended without a connection. */
        FAILED;

        /** The text in the database and in the API. */
        public String value() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Whether the session is connected, failed or expired. */
    public boolean isEnded(Instant now) {
        return status == Status.CONNECTED || status == Status.FAILED || isExpired(now);
    }

    /** Whether nobody came back from the provider in time. */
    public boolean isExpired(Instant now) {
        return (status == Status.CREATED || status == Status.STARTED) && now.isAfter(expiresAt);
    }

    /** The place of the PKCE verifier of session {@code id}, which started with {@code clientVars}. */
    public static SecretPlace verifierPlace(TenantId tenant, UUID id, Map<String, String> clientVars) {
        return new SecretPlace(tenant, id.toString(), "code_verifier", clientVars);
    }
}
