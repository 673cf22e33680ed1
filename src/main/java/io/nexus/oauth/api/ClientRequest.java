package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Registers an OAuth client at a provider.
 *
 * @param clientId the client identifier. Required
 * @param clientSecret the client secret. Without it the service keeps the stored secret of the same client, or registers a
 *     public client. Other {@code vars} need it again
 * @param secondClientSecret a secret that the service tries when the provider refuses the first. Without it the service keeps
 *     the stored one, unless {@code client_secret} is new
 * @param scopes the scopes to request when the caller names none
 * @param omittedScopes base scopes of the provider that the service does not request, for example {@code offline_access}
 * @param redirectUri the redirect URI that is registered at the provider. The default is the callback of this service
 * @param vars the values of the provider's variables
 */
public record ClientRequest(
        @Nullable String clientId,
        @Nullable String clientSecret,
        @Nullable String secondClientSecret,
        @Nullable List<String> scopes,
        @Nullable List<String> omittedScopes,
        @Nullable String redirectUri,
        @Nullable Map<String, String> vars) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "ClientRequest[clientId=" + clientId + "]";
    }
}
