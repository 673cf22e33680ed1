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
 * Records when API keys were last used. Uses are collected in memory and written in batches, so that a request does not
 * write to the database. A crash loses up to 30 seconds of this statistic, which serves to find unused keys.
 */
@ApplicationScoped
class ApiKeyUsage {

    private static final Logger LOG = Logger.getLogger(ApiKeyUsage.class);

    /** The keys whose use waits to be written. The use of another key is recorded the next time. */
    static final int MAX_WAITING = 10_000;

    private final ApiKeyStore store;
    private final Clock clock;
    private final ConcurrentHashMap<String, Instant> unwritten = new ConcurrentHashMap<>();

    ApiKeyUsage(ApiKeyStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Records the first use since the last batch. */
    void used(String id) {
        if (!unwritten.containsKey(id)) {
            keep(id, clock.instant());
        }
    }

    private void keep(String id, Instant at) {
        if (unwritten.size() < MAX_WAITING) {
            unwritten.putIfAbsent(id, at);
        }
    }

    /** The number of keys whose use waits to be written. */
    int size() {
        return unwritten.size();
    }

    @Scheduled(
            every = "30s",
            identity = "write-key-usage",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> flush() {
        Map<String, Instant> batch = new HashMap<>(unwritten);
        if (batch.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        batch.keySet().forEach(unwritten::remove);
        return ScheduledRun.of(
                LOG,
                "uses of API keys",
                ScheduledRun.DEFAULT_LIMIT,
                () -> store.used(batch)
                        .onFailure()
                        .invoke(() -> batch.forEach(this::keep))
                        .onCancellation()
                        .invoke(() -> batch.forEach(this::keep)));
    }
}
