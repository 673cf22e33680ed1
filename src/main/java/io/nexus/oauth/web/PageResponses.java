package io.nexus.oauth.web;

import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.RestMulti;

/**
 * Renders the pages of signed-in callers. Their headers forbid foreign scripts, frames, caching and referrers. The only script is
 * a file of this server; nothing is inline.
 */
final class PageResponses {

    /** The script (htmx) that updates parts of a page. Without it the browser loads whole pages. */
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

    /** A page that the service sends in parts, as they become ready. */
    static RestMulti.SyncRestMulti.Builder<byte[]> parts(int status, Multi<String> parts) {
        RestMulti.SyncRestMulti.Builder<byte[]> page = RestMulti.fromMultiData(
                        parts.map(part -> part.getBytes(StandardCharsets.UTF_8)))
                .status(status)
                .header("X-Accel-Buffering", "no"); // nginx would hold the parts back
        builder(status).build().getStringHeaders().forEach((name, values) -> page.header(name, values.getFirst()));
        return page;
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

    /** Redirects to a page of this service by its path: scheme and host of the request may be those of a proxy. */
    static Response.ResponseBuilder to(String path) {
        return Response.status(303).header(HttpHeaders.LOCATION, path).header(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    static String render(TemplateInstance template) {
        return template.render();
    }
}
