package io.nexus.oauth.provider;

import io.smallrye.mutiny.Uni;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Repeats a request with the client's second secret when the first was refused: once, and only then. A client that is not let in has
 * spent nothing (RFC 6749 section 5.2), so the repetition is safe where no other is.
 */
final class ClientSecretFallback {

    private static final Logger LOG = Logger.getLogger(ClientSecretFallback.class);

    /** A bound for the memory, not for the clients. */
    private static final int MOST_NOTED = 1000;

    private final String provider;
    private final Set<String> noted = ConcurrentHashMap.newKeySet();

    ClientSecretFallback(String provider) {
        this.provider = provider;
    }

    /**
     * What {@code attempt} gets, which is asked a second time at most. When both secrets are refused, or the second attempt did not
     * get through, the first verdict stands.
     *
     * @param refused whether the client was not let in
     * @param lost whether the second attempt says nothing, because it was not sent
     */
    <T> Uni<T> send(
            ClientRegistration client,
            Predicate<T> refused,
            Predicate<T> lost,
            Function<ClientRegistration, Uni<T>> attempt) {
        return attempt.apply(client).chain(first -> {
            var second = client.second();
            if (second.isEmpty() || !refused.test(first)) {
                return Uni.createFrom().item(first);
            }
            return attempt.apply(second.get()).map(reply -> {
                if (refused.test(reply) || lost.test(reply)) {
                    return first;
                }
                note(client);
                return reply;
            });
        });
    }

    private void note(ClientRegistration client) {
        if (noted.size() < MOST_NOTED && noted.add(client.clientId())) {
            LOG.infof(
                    "the provider %s refuses the first secret of client %s and not its second: make the second the first",
                    provider, client.clientId());
        }
    }
}
