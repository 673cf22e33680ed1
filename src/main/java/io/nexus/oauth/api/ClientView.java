package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
 * @param tokenEndpointAuthMethod how the client authenticates; null when the provider's profile decides
 * @param tokenEndpointAuthSigningAlg the chosen algorithm of the assertion; null for the default
 * @param assertionAudience whom the assertion names; null when the provider's profile decides
 * @param jwksUri the address of the client's public keys, for the provider; null without a key
 * @param keys the keys that sign assertions, oldest first, without their private parts
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
        @Nullable String tokenEndpointAuthMethod,
        @Nullable String tokenEndpointAuthSigningAlg,
        @Nullable String assertionAudience,
        @Nullable String jwksUri,
        List<ClientKeyView> keys,
        Instant createdAt,
        Instant updatedAt) {}
