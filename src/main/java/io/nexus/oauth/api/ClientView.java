package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An OAuth client without its secrets.
 *
 * @param provider the provider
 * @param clientId the client identifier
 * @param hasSecret whether a secret is stored
 * @param hasSecondSecret whether a second secret is stored
 * @param scopes the scopes to request when the caller names none
 * @param omittedScopes base scopes of the provider that the service does not request
 * @param redirectUri the redirect URI to register at the provider
 * @param vars the values of the provider's variables
 * @param createdAt when it was registered
 * @param updatedAt when it changed last
 */
public record ClientView(
        String provider,
        String clientId,
        boolean hasSecret,
        boolean hasSecondSecret,
        List<String> scopes,
        List<String> omittedScopes,
        String redirectUri,
        Map<String, String> vars,
        Instant createdAt,
        Instant updatedAt) {}
