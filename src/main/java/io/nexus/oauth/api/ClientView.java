package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An OAuth client registration without its secret.
 *
 * @param provider the provider
 * @param clientId the client identifier
 * @param hasSecret whether a secret is stored
 * @param hasSecondSecret whether a second secret is stored
 * @param scopes the default scopes
 * @param redirectUri the redirect URI to register at the provider
 * @param vars values of the provider's variables
 * @param createdAt the time of registration
 * @param updatedAt the time of the last change
 */
public record ClientView(
        String provider,
        String clientId,
        boolean hasSecret,
        boolean hasSecondSecret,
        List<String> scopes,
        String redirectUri,
        Map<String, String> vars,
        Instant createdAt,
        Instant updatedAt) {}
