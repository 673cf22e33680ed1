package io.nexus.oauth.monitor;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The health of the providers, as this replica saw it since its start. Names no tenant, user or secret. Does not block. */
@ApplicationScoped
public class ProviderHealth {

    private final ProviderHealthTracker tracker;
    private final MeterRegistry registry;

    ProviderHealth(ProviderHealthTracker tracker, MeterRegistry registry) {
        this.tracker = tracker;
        this.registry = registry;
    }

    /**
     * The health of one provider.
     *
     * @param healthy whether fewer than three refreshes in a row failed
     * @param failures the failures in a row that the provider or the configuration caused
     * @param reason the code of the latest failure in a row, or null
     * @param succeededAt the time of the last proper response, or null
     * @param failedAt the time of the last failure, or null
     * @param refreshes the number of the latest refreshes, 100 at most
     * @param failed those of them that failed
     * @param mean their mean time
     * @param longest the longest time of one of them
     * @param metadataReads the requests for the provider's metadata
     * @param metadataFailures those of them without a document
     */
    public record Report(
            boolean healthy,
            int failures,
            @Nullable String reason,
            @Nullable Instant succeededAt,
            @Nullable Instant failedAt,
            int refreshes,
            int failed,
            Duration mean,
            Duration longest,
            long metadataReads,
            long metadataFailures) {}

    /** The providers at which this replica refreshed something. */
    public Set<String> providers() {
        return tracker.providers();
    }

    /** The health of {@code provider}. */
    public Report of(String provider) {
        ProviderHealthTracker.Health health = tracker.of(provider);
        RecentRefreshes.Summary recent = tracker.recent(provider);
        Collection<Timer> reads = registry.find("nexus.oauth.provider.requests")
                .tags("provider", provider, "endpoint", "discovery")
                .timers();
        long all = reads.stream().mapToLong(Timer::count).sum();
        long good = reads.stream()
                .filter(timer -> "2xx".equals(timer.getId().getTag("status_class")))
                .mapToLong(Timer::count)
                .sum();
        return new Report(
                health.isHealthy(),
                health.failures(),
                health.reason(),
                health.succeededAt(),
                health.failedAt(),
                recent.refreshes(),
                recent.failed(),
                recent.mean(),
                recent.longest(),
                all,
                all - good);
    }
}
