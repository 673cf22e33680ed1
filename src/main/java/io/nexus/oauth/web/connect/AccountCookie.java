package io.nexus.oauth.web.connect;

import io.nexus.oauth.connect.ConnectedAccounts;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;

/** The cookie of a browser that opened a link to a person's connections. Its prefix is that of {@link BrowserCookie}. */
@ApplicationScoped
class AccountCookie {

    private final String name;
    private final String attributes;

    AccountCookie(PublicUrl publicUrl) {
        this.name = publicUrl.isSecure() ? "__Host-nexus-accounts" : "nexus-accounts";
        this.attributes = "; Path=/; HttpOnly; SameSite=Lax" + (publicUrl.isSecure() ? "; Secure" : "") + "; Max-Age=";
    }

    Optional<Secret> read(HttpHeaders headers) {
        return Optional.ofNullable(headers.getCookies().get(name))
                .map(Cookie::getValue)
                .filter(value -> !value.isEmpty())
                .map(Secret::of);
    }

    String write(Secret visit) {
        return name + "=" + visit.reveal() + attributes + ConnectedAccounts.SESSION.toSeconds();
    }

    String clear() {
        return name + "=" + attributes + "0";
    }
}
