package io.nexus.oauth.web.connect;

import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Limits how often one address may open connect pages, callbacks, and key sets, which need no credential. */
@ApplicationScoped
class ConnectLimit {

    private final AddressLimit limit;
    private final PageRenderer pages;

    /**
     * @param maxRequests the most connect pages and callbacks that one address (IPv4) or network (IPv6 /64) may open in a minute. Behind an
     *     ingress set {@code quarkus.http.proxy.proxy-address-forwarding} and {@code quarkus.http.proxy.trusted-proxies}; otherwise all
     *     users share the address of the ingress
     * @param pages writes the refusal
     */
    ConnectLimit(
            @ConfigProperty(name = "nexus.oauth.limits.connect-requests", defaultValue = "600") int maxRequests,
            PageRenderer pages) {
        this.limit = new AddressLimit(maxRequests);
        this.pages = pages;
    }

    @ServerRequestFilter
    @Nullable Response admit(ContainerRequestContext context, HttpServerRequest request) {
        String path = context.getUriInfo().getPath();
        boolean forBrowsers =
                path.startsWith("/connect/") || path.startsWith("/callback/") || path.startsWith("/jwks/");
        return forBrowsers && !limit.admits(request.remoteAddress())
                ? pages.tooMany(Languages.of(context.getHeaderString(HttpHeaders.ACCEPT_LANGUAGE)), AddressLimit.WINDOW)
                : null;
    }
}
