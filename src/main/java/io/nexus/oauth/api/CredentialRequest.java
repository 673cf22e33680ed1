package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A grant from elsewhere that the service should store, or a machine connection that it should create.
 *
 * @param provider the provider. Required
 * @param user the user of the account. Required
 * @param accessToken the access token. A machine connection has none here; every other grant needs one
 * @param refreshToken the refresh token. Without it the service cannot refresh the grant
 * @param tokenType the token type. The default is {@code Bearer}
 * @param expiresAt when the access token expires
 * @param expiresIn in how many seconds the access token expires, instead of {@code expires_at}
 * @param scopes the granted scopes; of a machine connection the scopes to request
 * @param clientId the OAuth client of the grant. The default is the registered one
 * @param accountId the provider's id of the account
 * @param accountLabel the name of the account for people, such as an e-mail address
 * @param acceptOtherAccount whether the grant may replace the grant of another account. The default is {@code false}
 * @param metadata further facts of the grant that are no secret
 * @param grantType {@code authorization_code}: the grant in this request, which is the default; {@code client_credentials}: a machine
 *     connection, whose tokens the service gets from the provider with the registered OAuth client; {@code
 *     urn:ietf:params:oauth:grant-type:jwt-bearer}: a machine connection, for whose tokens the private key of the client signs assertions
 * @param audience the parameter {@code audience} of the token request of a machine connection
 * @param resource the APIs for which the token of a machine connection is meant, as absolute URIs
 * @param subject for whom the client asks with the grant {@code jwt-bearer}, as the provider wants it: a user, an organization or an
 *     installation
 */
public record CredentialRequest(
        @Nullable String provider,
        @Nullable String user,
        @Nullable String accessToken,
        @Nullable String refreshToken,
        @Nullable String tokenType,
        @Nullable Instant expiresAt,
        @Nullable Long expiresIn,
        @Nullable List<String> scopes,
        @Nullable String clientId,
        @Nullable String accountId,
        @Nullable String accountLabel,
        boolean acceptOtherAccount,
        @Nullable Map<String, String> metadata,
        @Nullable String grantType,
        @Nullable String audience,
        @Nullable List<String> resource,
        @Nullable String subject) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "CredentialRequest[provider=" + provider + ", user=" + user + "]";
    }
}
