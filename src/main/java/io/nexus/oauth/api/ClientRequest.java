package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A registration of an OAuth client for a provider.
 *
 * @param clientId the client identifier
 * @param clientSecret the client secret. Null keeps the stored one, or registers a public client
 * @param secondClientSecret the secret to try when the provider rejects the first. Null keeps the stored one if the first is
 *     kept, too
 * @param scopes the default scopes, or null
 * @param redirectUri the redirect URI registered at the provider; the service's own when null
 * @param vars values of the provider's variables, or null
 */
public record ClientRequest(
        @Nullable String clientId,
        @Nullable String clientSecret,
        @Nullable String secondClientSecret,
        @Nullable List<String> scopes,
        @Nullable String redirectUri,
        @Nullable Map<String, String> vars) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "ClientRequest[clientId=" + clientId + "]";
    }
}
