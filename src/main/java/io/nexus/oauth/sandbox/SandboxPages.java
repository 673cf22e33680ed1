package io.nexus.oauth.sandbox;

import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** The three pages of the sandbox. */
@Singleton
class SandboxPages {

    private final Template consent;
    private final Template error;
    private final Template index;

    SandboxPages(
            @Location("sandbox/consent") Template consent,
            @Location("sandbox/error") Template error,
            @Location("sandbox/index") Template index) {
        this.consent = consent;
        this.error = error;
        this.index = index;
    }

    /** The content security policy: no script, no frame, only the sandbox's own style sheet. */
    static String policy(String formAction) {
        return "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "
                + formAction;
    }

    Response consent(String id, PendingConsent request, String account, Duration lifetime) {
        URI redirect = request.redirect();
        String origin = redirect.getScheme() + "://" + redirect.getRawAuthority();
        String page = consent.data("id", id)
                .data("account", account)
                .data("scopes", List.of(request.scope().split(" ")))
                .data("target", origin)
                .data("lifetime", lifetime.toSeconds())
                .data("faults", GrantBehavior.faults())
                .render();
        // browsers apply form-action to the redirect that answers the form, too
        return html(200, page)
                .header("Content-Security-Policy", policy("'self' " + origin))
                .build();
    }

    Response error(String message) {
        return html(400, error.data("message", message).render()).build();
    }

    Response index(String issuer, List<SandboxGrant> grants) {
        return html(200, index.data("issuer", issuer).data("grants", grants).render())
                .build();
    }

    private static Response.ResponseBuilder html(int status, String page) {
        return Response.status(status)
                .type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                .entity(page);
    }
}
