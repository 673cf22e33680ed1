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
 * The cookies of the pages: the session, the browser that was shown the sign-in form, and the browser that was
 * redirected to an identity provider. Scripts cannot read them. Another site cannot make a browser send them, except
 * the last one when the identity provider redirects back. With the prefix {@code __Host-} no other host and no plain
 * connection can set them. Browsers refuse that prefix over plain loopback (local mode or a forwarded port).
 */
@ApplicationScoped
public class PageCookies {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Duration SIGN_IN_MAX_AGE = Duration.ofHours(1);
    private static final Duration REDIRECT_MAX_AGE = Duration.ofMinutes(15);

    private static final String SESSION = "nexus-session";
    private static final String SIGN_IN = "nexus-sign-in";
    private static final String REDIRECT = "nexus-entry";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean secure;
    private final Duration lifetime;

    PageCookies(@ConfigProperty(name = "nexus.oauth.public-url") Optional<URI> publicUrl, AccessConfig config) {
        this.secure =
                publicUrl.map(url -> "https".equalsIgnoreCase(url.getScheme())).orElse(true);
        this.lifetime = config.pageSession();
    }

    /** The session cookie of a person who is signed in. */
    public Optional<Secret> session(HttpServerRequest request) {
        return read(request, SESSION);
    }

    /** The cookie of a browser that was shown the sign-in form. */
    public Optional<Secret> signIn(HttpServerRequest request) {
        return read(request, SIGN_IN);
    }

    /** The cookie of a browser that was redirected to an identity provider. */
    public Optional<Secret> redirect(HttpServerRequest request) {
        return read(request, REDIRECT);
    }

    /**
     * A {@code Set-Cookie} for a browser that is redirected to an identity provider; the browser must send it with the
     * callback.
     */
    public String writeRedirect(HttpServerRequest request, Secret secret) {
        return write(request, REDIRECT, secret.reveal(), "Lax", REDIRECT_MAX_AGE);
    }

    /** A {@code Set-Cookie} that removes the cookie after the callback. */
    public String clearRedirect(HttpServerRequest request) {
        return write(request, REDIRECT, "", "Lax", Duration.ZERO);
    }

    /** A {@code Set-Cookie} that signs in. */
    public String writeSession(HttpServerRequest request, Secret secret) {
        return write(request, SESSION, secret.reveal(), "Strict", lifetime);
    }

    /** A {@code Set-Cookie} that signs out. */
    public String clearSession(HttpServerRequest request) {
        return write(request, SESSION, "", "Strict", Duration.ZERO);
    }

    /** A {@code Set-Cookie} for a browser that is shown the sign-in form. */
    public String writeSignIn(HttpServerRequest request, Secret secret) {
        return write(request, SIGN_IN, secret.reveal(), "Strict", SIGN_IN_MAX_AGE);
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

    /**
     * Whether the cookies are secure. A browser never sends a loopback host for another machine, so a request over the
     * network cannot obtain the weaker cookies.
     */
    private boolean isSecure(HttpServerRequest request) {
        HostAndPort host = request.authority();
        return secure && !("http".equals(request.scheme()) && host != null && LOOPBACK.contains(host.host()));
    }
}
