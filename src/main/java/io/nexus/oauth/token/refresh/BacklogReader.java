package io.nexus.oauth.token.refresh;

import io.nexus.oauth.event.Reading;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.store.RefreshBacklog;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** Reads at intervals how far the schedule is behind, for the metrics. A failure skips one reading. */
@ApplicationScoped
class BacklogReader {

    private static final Logger LOG = Logger.getLogger(BacklogReader.class);
    private static final Duration PAUSE = Duration.ofSeconds(15);
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final RefreshBacklog backlog;
    private final Event<Reading> readings;
    private final AtomicLong readAt = new AtomicLong(System.nanoTime() - PAUSE.toNanos());

    BacklogReader(RefreshBacklog backlog, Event<Reading> readings) {
        this.backlog = backlog;
        this.readings = readings;
    }

    /** Reads the backlog of {@code providers}, at most once in 15 s. Never fails. */
    Uni<Void> read(List<OAuthProvider> providers) {
        long now = System.nanoTime();
        long last = readAt.get();
        if (now - last < PAUSE.toNanos() || !readAt.compareAndSet(last, now)) {
            return Uni.createFrom().voidItem();
        }
        return ScheduledRun.of(
                LOG,
                "counts of the backlog",
                DEADLINE,
                () -> backlog.of(providers.stream().map(OAuthProvider::id).toList())
                        .invoke(all -> all.forEach(each ->
                                readings.fire(new Reading.Backlog(each.provider(), each.overdue(), each.lag())))));
    }
}
