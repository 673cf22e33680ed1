package io.nexus.oauth.web;

import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/**
 * Renders the pages of who is signed in, with headers that keep foreign scripts, frames, caches and referrers out. The one script is
 * a file of this server's; nothing is inline.
 */
final class PageResponses {

    /** The script that puts answers into the page; without it the browser loads pages as ever. */
    static final String SCRIPT = "/webjars/htmx.org/2.0.8/dist/htmx.min.js";

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
                    + " form-action 'self'; frame-ancestors 'none'";

    private PageResponses() {}

    static Response of(TemplateInstance template) {
        return of(200, template);
    }

    static Response of(int status, TemplateInstance template) {
        return builder(status).entity(render(template)).build();
    }

    static Response.ResponseBuilder builder(int status) {
        return Response.status(status)
                .type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                .header("Content-Security-Policy", POLICY)
                .header("X-Frame-Options", "DENY")
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    /**
     * To a page of ours, as a path: a whole address would be made of the request's scheme and host, which a proxy changes.
     */
    static Response.ResponseBuilder to(String path) {
        return Response.status(303).header(HttpHeaders.LOCATION, path).header(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    static String render(TemplateInstance template) {
        return template.render();
    }
}
