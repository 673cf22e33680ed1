package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A credential without its secrets.
 *
 * @param id the id of the credential
 * @param tenant the tenant
 * @param provider the provider
 * @param user the user of the account
 * @param state {@code valid}: the token works, and no end is near; {@code expiring}: the token works, but within 7 days it ends
 *     and no refresh can replace it, so the user has to connect again before; {@code expired}: the token has expired, and the
 *     service refreshes it at the next request; {@code reconnect_required}: the provider ended the grant, or the token has expired
 *     and cannot be refreshed, so the user has to connect again; {@code revoked}: the credential was revoked in this service,
 *     which never issues its token again
 * @param status deprecated, use {@code state}. {@code active}: the grant works as far as the service knows; {@code reauth_required}: the provider has ended
 *     the grant, the user has to connect again; {@code revoked}: the credential was revoked in this service, which never hands
 *     out its token again
 * @param expired whether the access token has expired. The status does not change with it
 * @param expiresAt when the access token expires; null when it does not
 * @param expiryAssumed whether the provider named no expiry, so that the service assumed one
 * @param refreshable whether the service can get a new token without a person: by a refresh token, or as a machine connection
 * @param grantType {@code authorization_code}: the grant of a person; {@code client_credentials}: a machine connection, for which the
 *     OAuth client asks itself; {@code urn:ietf:params:oauth:grant-type:jwt-bearer}: a machine connection with signed assertions
 * @param scopes the granted scopes
 * @param audience the audience that a machine connection asks for; null for any other
 * @param resource the APIs for which the tokens are meant (RFC 8707); empty when none was named
 * @param authorizationDetails the rights that the provider granted beside scopes (RFC 9396); empty when it named none
 * @param subject for whom a machine connection asks with signed assertions; null for any other
 * @param clientId the OAuth client of the grant; null when it is unknown
 * @param accountId the provider's id of the account; null when the provider gives none
 * @param accountLabel the name of the account for people; null when it is unknown
 * @param tokenType the token type
 * @param version a number that rises with each change of the token
 * @param metadata further facts of the grant that are no secret
 * @param refresh the state of its refreshes
 * @param createdAt when the account was connected first
 * @param updatedAt when the credential changed last
 * @param revokedAt when it was revoked; null while it is not
 * @param lastUsedAt when its token was handed out last, to some seconds; null before the first time
 * @param createdBy the caller that connected the account; null when it is unknown
 * @param warning why a requested refresh did not happen although the token works; null when it happened
 */
public record CredentialView(
        UUID id,
        String tenant,
        String provider,
        String user,
        String state,
        String status,
        boolean expired,
        @Nullable Instant expiresAt,
        boolean expiryAssumed,
        boolean refreshable,
        String grantType,
        List<String> scopes,
        @Nullable String audience,
        List<String> resource,
        List<Map<String, Object>> authorizationDetails,
        @Nullable String subject,
        @Nullable String clientId,
        @Nullable String accountId,
        @Nullable String accountLabel,
        String tokenType,
        long version,
        Map<String, String> metadata,
        RefreshView refresh,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt,
        @Nullable String createdBy,
        @Nullable String warning) {}
