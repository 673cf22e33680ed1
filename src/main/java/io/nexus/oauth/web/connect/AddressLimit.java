package io.nexus.oauth.web.connect;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Limits how often one address may do something in a minute. Of more addresses than it can count, those that are used least start
 * anew. Behind an ingress the address is that of the ingress, unless {@code quarkus.http.proxy} trusts its headers. Safe for concurrent
 * use; never blocks.
 */
public final class AddressLimit {

    /** The time in which the limit counts. */
    public static final Duration WINDOW = Duration.ofMinutes(1);

    /** The addresses that are counted. */
    static final int MAX_ADDRESSES = 100_000;

    private static final int IPV6_NETWORK_BYTES = 8;

    private final int most;
    private final Cache<String, AtomicInteger> counts = Caffeine.newBuilder()
            .expireAfterWrite(WINDOW)
            .maximumSize(MAX_ADDRESSES)
            .build();

    /** Admits {@code most} of one address in a minute. */
    public AddressLimit(int most) {
        this.most = most;
    }

    /** Counts one more of {@code address}. Returns whether it is within the limit. */
    public boolean admits(@Nullable SocketAddress address) {
        String host = address == null ? null : address.hostAddress();
        return host == null
                || counts.get(network(host), key -> new AtomicInteger()).incrementAndGet() <= most;
    }

    /** The number of addresses that are counted. */
    long size() {
        counts.cleanUp();
        return counts.estimatedSize();
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
