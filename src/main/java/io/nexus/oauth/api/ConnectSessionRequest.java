package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Creates a one-time link with which a person connects an account.
 *
 * @param provider the provider. Required, unless {@code credential_id} names the account
 * @param user the user of the account. Required, unless {@code credential_id} names the account
 * @param credentialId the credential to connect again
 * @param scopes the scopes to request. The default are those of the OAuth client
 * @param returnUrl the URL to which the browser returns. It must be one of {@code nexus.oauth.connect.return-urls}. The default
 *     is the result page of this service
 * @param origin the origin of your page that opens the link in a pop-up window, for example {@code https://app.example.com}. The
 *     result page reports to it by {@code postMessage} and closes. It must be one of {@code nexus.oauth.connect.origins}, and there
 *     must be no {@code return_url}
 * @param acceptOtherAccount whether the user may connect another account than the stored one. The default is {@code false}
 * @param expectedAccount the account that the user has to connect: its id at the provider, as {@code account_id} of a credential
 *     has it, or the e-mail address that the provider has verified. The session fails with {@code unexpected_account} when the
 *     user connects another one. The default is any account
 * @param expiresIn how long the link is valid, in seconds: 60 to 604800 (7 days). The default is {@code
 *     nexus.oauth.connect.lifetime}
 * @param resource the APIs for which the tokens are meant (RFC 8707), as absolute URIs. The default are those of the stored credential
 * @param authorizationDetails the rights to ask for beside scopes (RFC 9396): objects, each with a {@code type}. The default are those that
 *     the stored credential was asked for
 */
public record ConnectSessionRequest(
        @Nullable String provider,
        @Nullable String user,
        @Nullable UUID credentialId,
        @Nullable List<String> scopes,
        @Nullable String returnUrl,
        @Nullable String origin,
        boolean acceptOtherAccount,
        @Nullable String expectedAccount,
        @Nullable Long expiresIn,
        @Nullable List<String> resource,
        @Nullable List<Map<String, Object>> authorizationDetails) {

    /** The longest {@code expected_account}. */
    public static final int MAX_ACCOUNT_LENGTH = 320;

    public static final int MIN_EXPIRES_IN = 60;

    /** Seven days. */
    public static final int MAX_EXPIRES_IN = 7 * 24 * 60 * 60;
}
