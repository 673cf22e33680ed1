package io.nexus.oauth.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Repeats a request once, with the client's second secret, when the provider rejected the first secret. A request that
 * fails client authentication spends nothing (RFC 6749 section 5.2), so this repetition is safe.
 */
final class ClientSecretFallback {

    private static final Logger LOG = Logger.getLogger(ClientSecretFallback.class);

    /** The clients of all providers that are remembered as logged. A client that was forgotten is logged again. */
    private static final Cache<String, Boolean> LOGGED =
            Caffeine.newBuilder().maximumSize(1_000).build();

    private final String provider;

    ClientSecretFallback(String provider) {
        this.provider = provider;
    }

    /**
     * The result of {@code attempt}, which runs at most twice. If both secrets are rejected, or the second attempt was
     * not sent, the first result stands.
     *
     * @param second the client with its second secret or key; empty when it has none
     * @param refused whether the result says that client authentication failed
     * @param unsent whether the second attempt was not sent, so that its result means nothing
     */
    <T> Uni<T> send(
            ClientRegistration client,
            Optional<ClientRegistration> second,
            Predicate<T> refused,
            Predicate<T> unsent,
            Function<ClientRegistration, Uni<T>> attempt) {
        return attempt.apply(client).chain(first -> {
            if (second.isEmpty() || !refused.test(first)) {
                return Uni.createFrom().item(first);
            }
            return attempt.apply(second.get()).map(reply -> {
                if (refused.test(reply) || unsent.test(reply)) {
                    return first;
                }
                logOnce(client);
                return reply;
            });
        });
    }

    /** The number of clients that are remembered as logged. */
    static long remembered() {
        LOGGED.cleanUp();
        return LOGGED.estimatedSize();
    }

    private void logOnce(ClientRegistration client) {
        if (LOGGED.asMap().putIfAbsent(provider + " " + client.clientId(), true) == null) {
            LOG.infof(
                    "provider %s rejects the first secret of client %s and accepts the second: make the second secret the first",
                    provider, client.clientId());
        }
    }
}
