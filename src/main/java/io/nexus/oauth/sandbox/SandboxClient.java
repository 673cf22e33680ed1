package io.nexus.oauth.sandbox;

import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * The only client of the sandbox: this service, as configured for the provider {@code sandbox}. The catalogue has the sandbox under more
 * names, for a demonstration with several providers. They share the client; only the callback differs.
 */
@Singleton
class SandboxClient {

    private static final Set<String> CALLBACKS =
            Set.of("/callback/sandbox", "/callback/sandbox-mail", "/callback/sandbox-files");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    private final Config config;

    SandboxClient(Config config) {
        this.config = config;
    }

    /** The issuer identifier. Read at each call, because with port 0 the address is known only after the start. */
    String issuer() {
        return publicUrl() + "/sandbox";
    }

    /** Its identifier. */
    String id() {
        return find("client-id").orElse("");
    }

    boolean is(String id) {
        return find("client-id").filter(id::equals).isPresent();
    }

    /**
     * The redirect URI, if it is registered: the public one exactly, or a loopback address with any port (RFC 8252
     * section 7.3). Any other address could leak the code.
     */
    Optional<URI> redirect(String uri) {
        try {
            URI parsed = new URI(uri);
            boolean registered = CALLBACKS.stream().anyMatch(path -> uri.equals(publicUrl() + path));
            return registered || isLoopback(parsed) ? Optional.of(parsed) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static boolean isLoopback(URI uri) {
        return "http".equals(uri.getScheme())
                && uri.getHost() != null
                && LOOPBACK.contains(uri.getHost())
                && CALLBACKS.contains(String.valueOf(uri.getRawPath()))
                && uri.getRawUserInfo() == null
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
    }

    /** Authenticates the client by header or by form, not by both (RFC 6749 section 2.3.1). */
    void authenticate(@Nullable String authorization, Parameters form) {
        if (authorization == null) {
            authenticate(form.get("client_id"), form.find("client_secret").orElse(""));
            return;
        }
        if (form.find("client_secret").isPresent()) {
            throw OAuthError.invalidRequest("the client used two authentication methods");
        }
        String[] pair = basic(authorization);
        if (form.find("client_id").filter(id -> !id.equals(pair[0])).isPresent()) {
            throw OAuthError.invalidRequest("client_id differs from the authenticated client");
        }
        authenticate(pair[0], pair[1]);
    }

    private void authenticate(String id, String secret) {
        String expected = find("client-secret").orElse("");
        if (expected.isEmpty() || !is(id) || !TokenFactory.same(expected, secret)) {
            throw OAuthError.invalidClient();
        }
    }

    private static String[] basic(String authorization) {
        try {
            if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
                byte[] decoded =
                        Base64.getDecoder().decode(authorization.substring(6).strip());
                String[] pair = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
                if (pair.length == 2) {
                    return new String[] {form(pair[0]), form(pair[1])};
                }
            }
        } catch (IllegalArgumentException e) {
            // not base64, or a stray percent sign: rejected below like any unknown client
        }
        throw OAuthError.invalidClient();
    }

    private static String form(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** The address of metrics and health. */
    String managementUrl() {
        return "http://127.0.0.1:"
                + config.getOptionalValue("quarkus.management.port", String.class)
                        .orElse("9000");
    }

    private String publicUrl() {
        String url =
                config.getOptionalValue("nexus.oauth.public-url", String.class).orElse("http://127.0.0.1:8080");
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private Optional<String> find(String name) {
        return config.getOptionalValue("nexus.oauth.clients.sandbox." + name, String.class);
    }
}
