package io.nexus.oauth.token.grant;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When and how often tokens are refreshed. The timers of a single refresh come from the provider's profile. */
@ConfigMapping(prefix = "nexus.oauth.refresh")
public interface RefreshConfig {

    /** How often the schedule looks for due credentials. Each look costs one statement per provider; longer refreshes later. */
    @WithDefault("5s")
    Duration every();

    /** Whether the schedule of this replica refreshes due credentials. Token requests refresh on demand in any case. */
    @WithDefault("true")
    boolean enabled();

    /**
     * The most refreshes in flight per OAuth client. The service starts with fewer and adapts to the provider's responses.
     * Too low delays a backlog; too high hits the provider's rate limit.
     */
    @WithDefault("32")
    int concurrency();

    /** How long the platform waits between SIGTERM and SIGKILL. Too short loses responses that are in flight. */
    @WithDefault("90s")
    Duration terminationGrace();

    /** How long the platform takes to restart a hanging process: the liveness probe's period times its failure threshold. */
    @WithDefault("30s")
    Duration livenessWindow();

    /** The least remaining life of a returned token when the caller gives no {@code min_ttl}. */
    @WithDefault("60s")
    Duration minTtl();

    /** The longest wait of a caller for a refresh when it gives no {@code max_wait}. */
    @WithDefault("10s")
    Duration maxWait();

    /** The largest {@code max_wait} that a caller may give, and how long the service waits for another replica's refresh. */
    @WithDefault("60s")
    Duration longestWait();

    /** A token with less remaining life than this is never returned. */
    @WithDefault("10s")
    Duration floor();

    /**
     * The least age of a token before a caller may force its refresh, or half its lifetime if that is less. Shorter lets a
     * caller in a loop use up the provider's rate limit; longer delays the replacement of a token that the provider revoked
     * early.
     */
    @WithDefault("30s")
    Duration minInterval();

    /** How long after the first refusal of a grant the service asks again, before the user has to connect again. */
    @WithDefault("60s")
    Duration confirmAfter();

    /** How long at most no grant is marked dead while a provider refuses most refreshes of a client. */
    @WithDefault("1h")
    Duration holdFor();

    /** How often the service checks a held verdict again. */
    @WithDefault("5m")
    Duration holdPause();

    /** How long the service retries to store a token response while the database is unavailable. */
    @WithDefault("10m")
    Duration persistFor();
}
