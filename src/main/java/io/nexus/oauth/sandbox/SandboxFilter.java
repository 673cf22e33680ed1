package io.nexus.oauth.sandbox;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;

/** Nothing is here unless the sandbox is on; what it answers is not stored, framed or sniffed. */
@Provider
@Sandboxed
class SandboxFilter implements ContainerRequestFilter, ContainerResponseFilter {

    private final boolean enabled;

    SandboxFilter(SandboxConfig config) {
        this.enabled = config.enabled();
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (!enabled) {
            request.abortWith(Response.status(Response.Status.NOT_FOUND).build());
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        var headers = response.getHeaders();
        headers.putSingle("Cache-Control", "no-store");
        headers.putSingle("Pragma", "no-cache"); // RFC 6749 section 5.1 asks for both
        headers.putSingle("X-Content-Type-Options", "nosniff");
        headers.putSingle("Referrer-Policy", "no-referrer");
        if (!headers.containsKey("Content-Security-Policy")) {
            headers.putSingle("Content-Security-Policy", SandboxPages.policy("'none'"));
        }
    }
}
