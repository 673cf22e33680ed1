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
 * @param scopes what is asked for by default
 * @param redirectUri the redirect URI that has to be registered at the provider
 * @param vars values of the provider's variables
 * @param createdAt when it was registered
 * @param updatedAt when it last changed
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
