package io.nexus.oauth.sandbox;

import jakarta.inject.Provider;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Response;

/** Answers 404 unless the sandbox is enabled, and forbids browsers to store, frame or sniff its responses. */
@jakarta.ws.rs.ext.Provider
@Sandboxed
class SandboxFilter implements ContainerRequestFilter, ContainerResponseFilter {

    private final Provider<SandboxConfig> config;

    /** Quarkus creates filters before the runtime configuration is available. */
    SandboxFilter(Provider<SandboxConfig> config) {
        this.config = config;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (!config.get().enabled()) {
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
