package io.nexus.oauth.access;

import io.nexus.oauth.store.access.ApiKeyStore;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * When keys were last used: noted in memory, written in batches, so that a request writes nothing and mostly looks only. A crash
 * loses half a minute of it; it is a statistic, by which unused keys are found.
 */
@ApplicationScoped
class ApiKeyUsage {

    private static final Logger LOG = Logger.getLogger(ApiKeyUsage.class);

    private final ApiKeyStore store;
    private final Clock clock;
    private final ConcurrentHashMap<String, Instant> noted = new ConcurrentHashMap<>();

    ApiKeyUsage(ApiKeyStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Notes the first use since the last batch. */
    void used(String id) {
        if (!noted.containsKey(id)) {
            noted.put(id, clock.instant());
        }
    }

    @Scheduled(
            every = "30s",
            identity = "write-key-usage",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> flush() {
        Map<String, Instant> batch = new HashMap<>(noted);
        if (batch.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        batch.keySet().forEach(noted::remove);
        return ScheduledRun.of(
                LOG,
                "uses of API keys",
                ScheduledRun.USUAL,
                () -> store.used(batch)
                        .onFailure()
                        .invoke(() -> batch.forEach(noted::putIfAbsent))
                        .onCancellation()
                        .invoke(() -> batch.forEach(noted::putIfAbsent)));
    }
}
