package io.nexus.oauth.token.grant;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Scheduled and on-demand refreshes. The timers of a single refresh come from the provider's profile, not from these keys. */
@ConfigMapping(prefix = "nexus.oauth.refresh")
public interface RefreshConfig {

    /** How often the schedule looks for due credentials. Each look costs one statement; a longer interval delays refreshes. */
    @WithDefault("5s")
    Duration every();

    /** Whether this replica runs the schedule. Callers still cause refreshes on demand. */
    @WithDefault("true")
    boolean enabled();

    /**
     * The most refreshes in flight for one OAuth client on one replica. The service uses fewer when the provider bears fewer. A low
     * value slows the work on a backlog; a high value can exceed the provider's rate limit.
     */
    @WithDefault("32")
    int concurrency();

    /**
     * How long the platform waits between SIGTERM and SIGKILL. Tell the service what you configured there. It must exceed the longest
     * request by 15 seconds, or the service does not start: a shorter time loses responses in flight.
     */
    @WithDefault("90s")
    Duration terminationGrace();

    /**
     * How long a process that hangs stays alive: the period of the liveness probe times its threshold. It must be shorter than the
     * shortest quarantine of a provider without a grace period, or the service does not start.
     */
    @WithDefault("30s")
    Duration livenessWindow();

    /** The least remaining lifetime of a token that a caller gets when it sends no {@code min_ttl}. */
    @WithDefault("60s")
    Duration minTtl();

    /** How long a caller waits for a refresh when it sends no {@code max_wait}. */
    @WithDefault("10s")
    Duration maxWait();

    /** The largest {@code max_wait} that a caller may send. The service also waits this long for the refresh of another replica. */
    @WithDefault("60s")
    Duration longestWait();

    /** The service never hands out a token with a shorter remaining lifetime. */
    @WithDefault("10s")
    Duration floor();

    /**
     * The least age of a token before a caller can have it refreshed ahead of the schedule. For short-lived tokens half of their
     * lifetime counts instead. A low value lets a caller in a loop spend the provider's rate limit. A high value delays the
     * replacement of a token that the provider revoked early.
     */
    @WithDefault("30s")
    Duration minInterval();

    /** How long the service waits after the first refusal of a grant before it asks the provider once more. After a second refusal the user has to connect again. */
    @WithDefault("60s")
    Duration confirmAfter();

    /** How long the service postpones its verdict at most while the provider rejects many grants of one client. */
    @WithDefault("1h")
    Duration holdFor();

    /** How often the service checks a postponed verdict again. */
    @WithDefault("5m")
    Duration holdPause();

    /** How long the service retries to store a response with tokens while the database is away. */
    @WithDefault("10m")
    Duration persistFor();
}
