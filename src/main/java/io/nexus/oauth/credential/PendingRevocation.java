package io.nexus.oauth.credential;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A grant that is revoked in this service and still has to be revoked at its provider.
 *
 * @param id identifies this entry of the outbox
 * @param key the credential of the grant; its secrets are sealed for that place
 * @param account the account of the credential
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param clientVars the client's variables when the grant was made
 * @param accessToken the sealed access token
 * @param refreshToken the sealed refresh token, or null
 * @param tokenType how the access token is sent
 * @param metadata non-secret values of the grant
 * @param attempts the number of earlier attempts
 */
public record PendingRevocation(
        UUID id,
        CredentialKey key,
        AccountKey account,
        @Nullable String clientId,
        Map<String, String> clientVars,
        SealedSecret accessToken,
        @Nullable SealedSecret refreshToken,
        String tokenType,
        Map<String, String> metadata,
        int attempts) {}
