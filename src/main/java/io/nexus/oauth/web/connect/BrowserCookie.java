package io.nexus.oauth.web.connect;

import io.nexus.oauth.api.ConnectSessionRequest;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;

/**
 * The cookie that binds a connect flow to one browser. Because of the prefix {@code __Host-}, neither another host nor plain HTTP
 * can set it. Local mode omits the prefix, because browsers reject it over plain HTTP.
 */
@ApplicationScoped
class BrowserCookie {

    private final String name;
    private final String attributes;

    BrowserCookie(PublicUrl publicUrl) {
        this.name = publicUrl.isSecure() ? "__Host-nexus-connect" : "nexus-connect";
        this.attributes = "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + ConnectSessionRequest.MAX_EXPIRES_IN
                + (publicUrl.isSecure() ? "; Secure" : "");
    }

    Optional<Secret> read(HttpHeaders headers) {
        return Optional.ofNullable(headers.getCookies().get(name))
                .map(Cookie::getValue)
                .filter(value -> value.matches("[A-Za-z0-9_-]{43}"))
                .map(Secret::of);
    }

    String write(Secret browser) {
        return name + "=" + browser.reveal() + attributes;
    }
}
