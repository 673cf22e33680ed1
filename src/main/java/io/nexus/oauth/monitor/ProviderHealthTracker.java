package io.nexus.oauth.monitor;

import io.nexus.oauth.event.Activity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Counts, for each provider, the failures in a row of this replica's refreshes. */
@ApplicationScoped
class ProviderHealthTracker {

    /** One lost response is no outage. */
    private static final int FAILURES_OF_OUTAGE = 3;

    private final ConcurrentHashMap<String, Health> providers = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, RecentRefreshes> recent = new ConcurrentHashMap<>();
    private final Clock clock;

    ProviderHealthTracker(Clock clock) {
        this.clock = clock;
    }

    void watch(@Observes Activity activity) {
        if (activity instanceof Activity.Refresh refresh) {
            Instant now = clock.instant();
            Health health = providers.compute(
                    refresh.provider(), (id, known) -> (known == null ? Health.UNTRIED : known).after(refresh, now));
            recent.computeIfAbsent(refresh.provider(), id -> new RecentRefreshes())
                    .add(refresh, health.failures() > 0);
        }
    }

    Health of(String provider) {
        return providers.getOrDefault(provider, Health.UNTRIED);
    }

    /** The providers with a refresh; they are in the catalogue, which bounds them. */
    Set<String> providers() {
        return Set.copyOf(providers.keySet());
    }

    RecentRefreshes.Summary recent(String provider) {
        RecentRefreshes known = recent.get(provider);
        return (known == null ? new RecentRefreshes() : known).summary();
    }

    /**
     * The health of a provider.
     *
     * @param failures the failures in a row that the provider or the configuration caused, not a user
     * @param reason the code of the latest failure, or null
     * @param succeededAt the time of the last proper response, or null
     * @param failedAt the time of the last failure, or null
     */
    record Health(
            int failures,
            @Nullable String reason,
            @Nullable Instant succeededAt,
            @Nullable Instant failedAt) {

        static final Health UNTRIED = new Health(0, null, null, null);

        /** A rejected grant is a proper response: the provider works, and one user has to connect again. */
        Health after(Activity.Refresh refresh, Instant now) {
            return switch (refresh.outcome()) {
                case "success", "rejected", "lost_race" -> new Health(0, null, now, failedAt);
                default -> new Health(failures + 1, refresh.reason(), succeededAt, now);
            };
        }

        boolean isHealthy() {
            return failures < FAILURES_OF_OUTAGE;
        }
    }
}
