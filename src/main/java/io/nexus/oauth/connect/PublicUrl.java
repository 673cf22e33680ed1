package io.nexus.oauth.connect;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ClientRegistration;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The URL at which browsers reach this service. Only the configuration sets it: a forged Host header must not change a
 * redirect.
 */
@ApplicationScoped
public class PublicUrl {

    private final String base;

    /**
     * @param configured the URL at which browsers reach the service. Required in production, where it must be https. In local mode the
     *     default is the loopback address and the port of the service
     */
    PublicUrl(@ConfigProperty(name = "nexus.oauth.public-url") Optional<URI> configured) {
        URI base = configured.orElseThrow(() -> new IllegalStateException("nexus.oauth.public-url is required"));
        if (base.getScheme() == null || base.getHost() == null || base.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "nexus.oauth.public-url must be an absolute URL without a query: " + base);
        }
        String text = base.toString();
        this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /** The URL without a final slash. */
    public String base() {
        return base;
    }

    /** Whether browsers use TLS. */
    public boolean isSecure() {
        return base.regionMatches(true, 0, "https:", 0, 6);
    }

    /** The redirect URI of a provider. Each provider has its own, which prevents mix-up attacks (RFC 9700 section 4.4). */
    public String callback(String provider) {
        return base + "/callback/" + provider;
    }

    String redirectUri(ClientRegistration client) {
        return Objects.requireNonNullElseGet(client.redirectUri(), () -> callback(client.provider()));
    }

    /** The one-time link with {@code secret}. */
    String link(Secret secret) {
        return base + "/connect/" + secret.reveal();
    }

    /** The page of a person's connections. */
    String accounts() {
        return base + "/connect/accounts";
    }

    /** The result page of a session. */
    public URI result(UUID session) {
        return URI.create(base + "/connect/result/" + session);
    }
}
