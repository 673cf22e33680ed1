package io.nexus.oauth.access;

import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.store.access.ApiKeyStore;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Digests of API keys that were used while theirs was under an older master key; written in the background, as no caller waits for
 * it. What is lost with this process is noticed at the key's next use.
 */
@ApplicationScoped
class DigestRenewals {

    private static final Logger LOG = Logger.getLogger(DigestRenewals.class);
    private static final int MOST = 10_000;

    private final ApiKeyStore store;
    private final Map<String, Renewal> waiting = new ConcurrentHashMap<>();

    private record Renewal(ApiKey key, String old) {}

    DigestRenewals(ApiKeyStore store) {
        this.store = store;
    }

    /** The key {@code renewed}, whose digest is {@code old}, was shown and has its digests under the present key. */
    void add(ApiKey renewed, String old) {
        if (waiting.size() < MOST) {
            waiting.put(renewed.id(), new Renewal(renewed, old));
        }
    }

    @Scheduled(
            every = "5s",
            identity = "renew-digests",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> flush() {
        return Multi.createFrom()
                .iterable(List.copyOf(waiting.values()))
                .onItem()
                .transformToUniAndConcatenate(each -> store.renew(each.key(), each.old())
                        .invoke(() -> waiting.remove(each.key().id(), each))
                        .replaceWith(true))
                .collect()
                .last()
                .onFailure()
                .invoke(e -> LOG.warnf("digests of API keys wait for the next turn: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }
}
