package io.nexus.oauth.token.grant;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How tokens are kept fresh. The timers of a single refresh follow from the provider's profile, not from here. */
@ConfigMapping(prefix = "nexus.oauth.refresh")
public interface RefreshConfig {

    /** How often due credentials are looked for. Shorter costs one statement per provider; longer refreshes later. */
    @WithDefault("5s")
    Duration every();

    /** Whether this replica looks for due credentials at all. Reads refresh on demand whatever this says. */
    @WithDefault("true")
    boolean enabled();

    /**
     * Refreshes in flight of one OAuth client at most; how many there really are follows what its provider bears. Too low delays a
     * backlog; too high meets the provider's rate limit.
     */
    @WithDefault("32")
    int concurrency();

    /** How long the platform waits after SIGTERM before it kills. Too short loses the answers that are under way. */
    @WithDefault("90s")
    Duration terminationGrace();

    /** How long the platform takes to restart a process that hangs: the probe's period times its threshold. */
    @WithDefault("30s")
    Duration livenessWindow();

    /** What a handed-out token is good for at least when the caller does not say ({@code min_ttl}). */
    @WithDefault("60s")
    Duration minTtl();

    /** How long a caller waits for a refresh at most when it does not say ({@code max_wait}). */
    @WithDefault("10s")
    Duration maxWait();

    /** How long a caller may wait at most ({@code max_wait}), and how long another replica's refresh is watched. */
    @WithDefault("60s")
    Duration longestWait();

    /** A token with less life than this is never handed out, whatever fails. */
    @WithDefault("10s")
    Duration floor();

    /**
     * How old a token must be before a caller may have it refreshed out of turn; half its life when that is less. Shorter lets a
     * caller who is in a loop spend the provider's rate limit; longer delays the answer to a token that was ended early.
     */
    @WithDefault("30s")
    Duration minInterval();

    /** How long after a provider's first refusal of a grant it is asked again, before the user has to connect again. */
    @WithDefault("60s")
    Duration confirmAfter();

    /** How long the verdict is held at most while many grants of one client are refused together. */
    @WithDefault("1h")
    Duration holdFor();

    /** How often a held verdict is looked at again. */
    @WithDefault("5m")
    Duration holdPause();

    /** How long an answer that carries tokens is tried to be stored while the database is away. */
    @WithDefault("10m")
    Duration persistFor();
}
