package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An OAuth client to be registered for a provider.
 *
 * @param clientId the client identifier
 * @param clientSecret the client secret; null keeps the stored one, or makes a public client
 * @param secondClientSecret tried once when the provider refuses the first; null keeps the stored
 *     one as long as the first is kept too
 * @param scopes what is asked for by default, or null
 * @param redirectUri the registered redirect URI; the service's own when null
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
