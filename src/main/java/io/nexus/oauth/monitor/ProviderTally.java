package io.nexus.oauth.monitor;

import io.nexus.oauth.event.Activity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Remembers, for each provider, how its latest token requests from this replica went. */
@ApplicationScoped
class ProviderTally {

    /** One lost answer is no outage. */
    private static final int IN_TROUBLE = 3;

    private final ConcurrentHashMap<String, Wellness> providers = new ConcurrentHashMap<>();
    private final Clock clock;

    ProviderTally(Clock clock) {
        this.clock = clock;
    }

    void watch(@Observes Activity activity) {
        if (activity instanceof Activity.Refresh refresh) {
            Instant now = clock.instant();
            providers.compute(
                    refresh.provider(), (id, known) -> (known == null ? Wellness.UNTRIED : known).after(refresh, now));
        }
    }

    Wellness of(String provider) {
        return providers.getOrDefault(provider, Wellness.UNTRIED);
    }

    /**
     * How a provider is.
     *
     * @param failures failures in a row that are the provider's or the configuration's, not a user's
     * @param reason the code of the latest failure, or null
     * @param succeededAt when it last answered as it should, or null
     * @param failedAt when it last failed, or null
     */
    record Wellness(
            int failures,
            @Nullable String reason,
            @Nullable Instant succeededAt,
            @Nullable Instant failedAt) {

        static final Wellness UNTRIED = new Wellness(0, null, null, null);

        /** A rejected grant is a proper answer: the provider is well and one user has to connect again. */
        Wellness after(Activity.Refresh refresh, Instant now) {
            return switch (refresh.outcome()) {
                case "success", "rejected", "lost_race" -> new Wellness(0, null, now, failedAt);
                default -> new Wellness(failures + 1, refresh.reason(), succeededAt, now);
            };
        }

        boolean isWell() {
            return failures < IN_TROUBLE;
        }
    }
}
