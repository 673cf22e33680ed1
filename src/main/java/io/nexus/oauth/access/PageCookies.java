package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.credential.Secret;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The cookies of the pages: who is signed in, which browser was shown the form for signing in, and which one was sent to an identity
 * provider. No script reads them, and no other site makes a browser send them, but for the last one when it leads back. With the
 * prefix {@code __Host-} no other host and no plain connection can set them; over plain loopback, in local mode or through a forwarded
 * port, browsers refuse that prefix.
 */
@ApplicationScoped
public class PageCookies {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Duration TO_SIGN_IN = Duration.ofHours(1);
    private static final Duration TO_COME_BACK = Duration.ofMinutes(15);

    private static final String SESSION = "nexus-session";
    private static final String SIGN_IN = "nexus-sign-in";
    private static final String ENTRY = "nexus-entry";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean secure;
    private final Duration lifetime;

    PageCookies(@ConfigProperty(name = "nexus.oauth.public-url") Optional<URI> publicUrl, AccessConfig config) {
        this.secure =
                publicUrl.map(url -> "https".equalsIgnoreCase(url.getScheme())).orElse(true);
        this.lifetime = config.pageSession();
    }

    /** The cookie of who is signed in. */
    public Optional<Secret> session(HttpServerRequest request) {
        return read(request, SESSION);
    }

    /** The cookie of a browser that was shown the form for signing in. */
    public Optional<Secret> signIn(HttpServerRequest request) {
        return read(request, SIGN_IN);
    }

    /** The cookie of a browser that was sent to an identity provider. */
    public Optional<Secret> entry(HttpServerRequest request) {
        return read(request, ENTRY);
    }

    /** A {@code Set-Cookie} for a browser that is sent to an identity provider; it has to come along when that sends it back. */
    public String writeEntry(HttpServerRequest request, Secret secret) {
        return write(request, ENTRY, secret.reveal(), "Lax", TO_COME_BACK);
    }

    /** A {@code Set-Cookie} for a browser that came back. */
    public String clearEntry(HttpServerRequest request) {
        return write(request, ENTRY, "", "Lax", Duration.ZERO);
    }

    /** A {@code Set-Cookie} that signs in. */
    public String writeSession(HttpServerRequest request, Secret secret) {
        return write(request, SESSION, secret.reveal(), "Strict", lifetime);
    }

    /** A {@code Set-Cookie} that signs out. */
    public String clearSession(HttpServerRequest request) {
        return write(request, SESSION, "", "Strict", Duration.ZERO);
    }

    /** A {@code Set-Cookie} for a browser that is shown the form. */
    public String writeSignIn(HttpServerRequest request, Secret secret) {
        return write(request, SIGN_IN, secret.reveal(), "Strict", TO_SIGN_IN);
    }

    private String write(HttpServerRequest request, String name, String value, String sameSite, Duration age) {
        return prefix(request) + name + "=" + value + "; Path=/; HttpOnly; SameSite=" + sameSite
                + (isSecure(request) ? "; Secure" : "") + "; Max-Age=" + age.toSeconds();
    }

    private Optional<Secret> read(HttpServerRequest request, String name) {
        return Optional.ofNullable(request.getCookie(prefix(request) + name))
                .map(Cookie::getValue)
                .filter(value -> FORM.matcher(value).matches())
                .map(Secret::of);
    }

    private String prefix(HttpServerRequest request) {
        return isSecure(request) ? "__Host-" : "";
    }

    /** No browser takes another host for this machine, so a request that came over the network does not get the weaker ones by a lie. */
    private boolean isSecure(HttpServerRequest request) {
        HostAndPort host = request.authority();
        return secure && !("http".equals(request.scheme()) && host != null && LOOPBACK.contains(host.host()));
    }
}
