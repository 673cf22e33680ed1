package io.nexus.oauth.token;

import io.nexus.oauth.event.Reading;
import io.nexus.oauth.store.CredentialCounts;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** Counts the credentials per provider and status at intervals, for the metrics. A failure skips one reading. */
@ApplicationScoped
class ConnectionCounter {

    private static final Logger LOG = Logger.getLogger(ConnectionCounter.class);
    private static final UUID START = new UUID(0, 0);
    private static final int PAGE = 5_000;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Duration MIN_INTERVAL = Duration.ofSeconds(30);
    private static final Duration DEADLINE = Duration.ofHours(2);

    /** The periods of {@link CredentialCounts.Part#ending}, in its order. */
    private static final List<String> PERIODS = List.of("24h", "7d", "30d");

    /** The pause after a count, as a multiple of its duration: counting takes a twentieth of the time at most. */
    private static final int PAUSE_FACTOR = 20;

    private final CredentialCounts counts;
    private final Event<Reading> readings;
    private volatile long nextAt = System.nanoTime();

    ConnectionCounter(CredentialCounts counts, Event<Reading> readings) {
        this.counts = counts;
        this.readings = readings;
    }

    @Scheduled(
            every = "5s",
            identity = "count-connections",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> countWhenDue() {
        if (System.nanoTime() - nextAt < 0) {
            return Uni.createFrom().voidItem();
        }
        long startedAt = System.nanoTime();
        return ScheduledRun.of(LOG, "counts of connections", DEADLINE, this::count)
                .invoke(() -> {
                    long now = System.nanoTime();
                    nextAt = now + Math.max(MIN_INTERVAL.toNanos(), PAUSE_FACTOR * (now - startedAt));
                });
    }

    /** Counts now. */
    Uni<Void> count() {
        return Uni.createFrom().deferred(() -> {
            Map<State, Long> found = new HashMap<>();
            Map<End, Long> ending = new HashMap<>();
            AtomicReference<UUID> at = new AtomicReference<>(START);
            return Multi.createBy()
                    .repeating()
                    .uni(() -> counts.page(Objects.requireNonNull(at.get()), PAGE)
                            .invoke(page -> page.forEach(part -> {
                                found.merge(new State(part.provider(), part.status()), part.credentials(), Long::sum);
                                add(part, ending);
                                at.set(part.last());
                            }))
                            .onItem()
                            .delayIt()
                            .by(PAUSE))
                    .whilst(page -> !page.isEmpty())
                    .collect()
                    .last()
                    .invoke(() -> readings.fire(new Reading.Connections(counts(found), endings(ending))))
                    .replaceWithVoid();
        });
    }

    private static List<Reading.Count> counts(Map<State, Long> found) {
        return found.entrySet().stream()
                .map(each -> new Reading.Count(
                        each.getKey().provider(), each.getKey().status(), each.getValue()))
                .toList();
    }

    private static void add(CredentialCounts.Part part, Map<End, Long> ending) {
        if (part.status().equals("active")) {
            for (int i = 0; i < PERIODS.size(); i++) {
                ending.merge(
                        new End(part.provider(), PERIODS.get(i)), part.ending().get(i), Long::sum);
            }
        }
    }

    private static List<Reading.Ending> endings(Map<End, Long> found) {
        return found.entrySet().stream()
                .map(each -> new Reading.Ending(
                        each.getKey().provider(), each.getKey().within(), each.getValue()))
                .toList();
    }

    private record State(String provider, String status) {}

    private record End(String provider, String within) {}
}
