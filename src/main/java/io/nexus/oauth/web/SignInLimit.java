package io.nexus.oauth.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Limits how often one address may try to sign in. Counts addresses as {@link ConnectLimit} does. */
@ApplicationScoped
class SignInLimit {

    static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_ADDRESSES = 100_000;

    private final int maxAttempts;
    private final Cache<String, AtomicInteger> counts = Caffeine.newBuilder()
            .expireAfterWrite(WINDOW)
            .maximumSize(MAX_ADDRESSES)
            .build();

    /**
     * @param maxAttempts how often one address or network may try to sign in to the pages in a minute; addresses count as for
     *     {@code connect-requests}. {@code 0}: nobody can sign in
     */
    SignInLimit(@ConfigProperty(name = "nexus.oauth.limits.sign-ins", defaultValue = "30") int maxAttempts) {
        this.maxAttempts = maxAttempts;
    }

    /** Counts an attempt. Returns whether it is within the limit per minute. */
    boolean admits(HttpServerRequest request) {
        var address = request.remoteAddress();
        String host = address == null ? null : address.hostAddress();
        return host == null
                || counts.get(ConnectLimit.network(host), key -> new AtomicInteger())
                                .incrementAndGet()
                        <= maxAttempts;
    }
}
