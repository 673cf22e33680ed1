package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Our registration at an authorization server (RFC 6749 section 2, terms of RFC 7591).
 *
 * @param provider the provider's id in the catalogue
 * @param clientId the client identifier
 * @param clientSecret the client secret, or null for a public client
 * @param scopes what is asked for when the caller asks for nothing
 * @param redirectUri where the provider sends the browser back to, or null for the service's own callback of the provider
 * @param vars values of the profile's template variables (a directory tenant, a host)
 */
public record ClientRegistration(
        String provider,
        String clientId,
        @Nullable Secret clientSecret,
        Scopes scopes,
        @Nullable String redirectUri,
        Map<String, String> vars) {

    /** Copies the variables. */
    public ClientRegistration {
        vars = Map.copyOf(vars);
    }
}
