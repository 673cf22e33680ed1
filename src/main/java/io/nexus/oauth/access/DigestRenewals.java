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
 * Renews the digests of API keys that are under an older master key. A digest is renewed after a use of the key and
 * written in the background. If the process ends first, the next use of the key repeats the renewal.
 */
@ApplicationScoped
class DigestRenewals {

    private static final Logger LOG = Logger.getLogger(DigestRenewals.class);
    static final int MAX_WAITING = 10_000;

    private final ApiKeyStore store;
    private final Map<String, Renewal> waiting = new ConcurrentHashMap<>();

    private record Renewal(ApiKey key, String old) {}

    DigestRenewals(ApiKeyStore store) {
        this.store = store;
    }

    /** Queues {@code renewed}, whose digests are under the current master key, to replace the digest {@code old}. */
    void add(ApiKey renewed, String old) {
        if (waiting.size() < MAX_WAITING) {
            waiting.put(renewed.id(), new Renewal(renewed, old));
        }
    }

    /** The number of renewals that wait. */
    int size() {
        return waiting.size();
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
                .invoke(e -> LOG.warnf(
                        "Scheduled job 'renew-digests' failed and retries at its next interval: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }
}
