package io.nexus.oauth.access;

import io.nexus.oauth.credential.Secret;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The cookies of the pages: who is signed in, which browser was shown the form for signing in, and which one was sent to an identity
 * provider. No script reads them, and no other site makes a browser send them, but for the last one when it leads back. With the prefix {@code __Host-} no other host and no plain connection can set them; over plain
 * loopback, in local mode, browsers refuse that prefix.
 */
@ApplicationScoped
public class PageCookies {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Duration TO_SIGN_IN = Duration.ofHours(1);
    private static final Duration TO_COME_BACK = Duration.ofMinutes(15);

    private final String session;
    private final String signIn;
    private final String entry;
    private final String attributes;
    private final String lax;
    private final Duration lifetime;

    PageCookies(@ConfigProperty(name = "nexus.oauth.public-url") Optional<URI> publicUrl, AccessConfig config) {
        boolean secure =
                publicUrl.map(url -> "https".equalsIgnoreCase(url.getScheme())).orElse(true);
        String prefix = secure ? "__Host-" : "";
        this.session = prefix + "nexus-session";
        this.signIn = prefix + "nexus-sign-in";
        this.entry = prefix + "nexus-entry";
        this.attributes = "; Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
        this.lax = attributes.replace("Strict", "Lax");
        this.lifetime = config.pageSession();
    }

    /** The cookie of who is signed in. */
    public Optional<Secret> session(HttpServerRequest request) {
        return read(request, session);
    }

    /** The cookie of a browser that was shown the form for signing in. */
    public Optional<Secret> signIn(HttpServerRequest request) {
        return read(request, signIn);
    }

    /** The cookie of a browser that was sent to an identity provider. */
    public Optional<Secret> entry(HttpServerRequest request) {
        return read(request, entry);
    }

    /** A {@code Set-Cookie} for a browser that is sent to an identity provider; it has to come along when that sends it back. */
    public String writeEntry(Secret secret) {
        return entry + "=" + secret.reveal() + lax + "; Max-Age=" + TO_COME_BACK.toSeconds();
    }

    /** A {@code Set-Cookie} for a browser that came back. */
    public String clearEntry() {
        return entry + "=" + lax + "; Max-Age=0";
    }

    /** A {@code Set-Cookie} that signs in. */
    public String writeSession(Secret secret) {
        return write(session, secret.reveal(), lifetime);
    }

    /** A {@code Set-Cookie} that signs out. */
    public String clearSession() {
        return write(session, "", Duration.ZERO);
    }

    /** A {@code Set-Cookie} for a browser that is shown the form. */
    public String writeSignIn(Secret secret) {
        return write(signIn, secret.reveal(), TO_SIGN_IN);
    }

    private String write(String name, String value, Duration age) {
        return name + "=" + value + attributes + "; Max-Age=" + age.toSeconds();
    }

    private static Optional<Secret> read(HttpServerRequest request, String name) {
        return Optional.ofNullable(request.getCookie(name))
                .map(Cookie::getValue)
                .filter(value -> FORM.matcher(value).matches())
                .map(Secret::of);
    }
}
