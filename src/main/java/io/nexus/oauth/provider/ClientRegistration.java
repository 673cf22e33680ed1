package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The service's client registration at an authorization server (RFC 6749 section 2, terms of RFC 7591).
 *
 * @param provider the provider's id in the catalogue
 * @param clientId the client identifier
 * @param clientSecret the client secret, or null for a public client
 * @param secondSecret sent when the first is rejected, so that a secret can be rotated without an outage; null when
 *     there is none
 * @param scopes the requested scopes when the caller names none
 * @param redirectUri the address to which the provider redirects the browser, or null for the service's own callback
 * @param vars values of the profile's template variables (a directory tenant, a host)
 */
public record ClientRegistration(
        String provider,
        String clientId,
        @Nullable Secret clientSecret,
        @Nullable Secret secondSecret,
        Scopes scopes,
        @Nullable String redirectUri,
        Map<String, String> vars) {

    /** Copies the variables. */
    public ClientRegistration {
        vars = Map.copyOf(vars);
    }

    /** A client with one secret or none. */
    public ClientRegistration(
            String provider,
            String clientId,
            @Nullable Secret clientSecret,
            Scopes scopes,
            @Nullable String redirectUri,
            Map<String, String> vars) {
        this(provider, clientId, clientSecret, null, scopes, redirectUri, vars);
    }

    /** The same client with only its second secret; empty when it does not have both. */
    Optional<ClientRegistration> second() {
        return clientSecret == null || secondSecret == null
                ? Optional.empty()
                : Optional.of(
                        new ClientRegistration(provider, clientId, secondSecret, null, scopes, redirectUri, vars));
    }
}
