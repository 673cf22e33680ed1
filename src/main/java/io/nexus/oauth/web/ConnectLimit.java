package io.nexus.oauth.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Limits how often one address may open connect pages and callbacks, which need no credential. Behind an ingress the address is
 * that of the ingress, unless {@code quarkus.http.proxy} trusts its headers.
 */
@ApplicationScoped
class ConnectLimit {

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_ADDRESSES = 100_000;
    private static final int IPV6_NETWORK_BYTES = 8;

    private final int maxRequests;
    private final PageRenderer pages;
    private final Cache<String, AtomicInteger> counts = Caffeine.newBuilder()
            .expireAfterWrite(WINDOW)
            .maximumSize(MAX_ADDRESSES)
            .build();

    /**
     * @param most the most connect pages and callbacks that one address (IPv4) or network (IPv6 /64) may open in a minute. Behind an
     *     ingress set {@code quarkus.http.proxy.proxy-address-forwarding} and {@code quarkus.http.proxy.trusted-proxies}; otherwise all
     *     users share the address of the ingress
     * @param pages writes the refusal
     */
    ConnectLimit(
            @ConfigProperty(name = "nexus.oauth.limits.connect-requests", defaultValue = "600") int maxRequests,
            PageRenderer pages) {
        this.maxRequests = maxRequests;
        this.pages = pages;
    }

    @ServerRequestFilter
    @Nullable Response admit(ContainerRequestContext context, HttpServerRequest request) {
        String path = context.getUriInfo().getPath();
        boolean forBrowsers = path.startsWith("/connect/") || path.startsWith("/callback/");
        return forBrowsers && !isWithin(request.remoteAddress()) ? pages.tooMany(WINDOW) : null;
    }

    private boolean isWithin(@Nullable SocketAddress address) {
        String host = address == null ? null : address.hostAddress();
        return host == null
                || counts.get(network(host), key -> new AtomicInteger()).incrementAndGet() <= maxRequests;
    }

    /** The IPv4 address, or the /64 network of an IPv6 address, because one client usually owns a whole /64. */
    static String network(String literal) {
        try {
            InetAddress address = InetAddress.getByName(literal); // a literal address, so there is no DNS lookup
            return address instanceof Inet6Address
                    ? HexFormat.of().formatHex(address.getAddress(), 0, IPV6_NETWORK_BYTES)
                    : address.getHostAddress();
        } catch (UnknownHostException e) {
            return literal;
        }
    }
}
