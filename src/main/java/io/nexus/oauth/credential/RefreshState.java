package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the refreshing of a credential stands.
 *
 * @param nextAt when the schedule refreshes it next, or null when it never does
 * @param lastAt when it was refreshed last, or null when it never was
 * @param failedAt when a refresh failed last, or null
 * @param failures refreshes that failed definitely since the last success
 * @param unresolved refreshes whose fate is unknown since the last success
 * @param lastError a stable code of the last failure, or null
 * @param suspectedAt when the provider said for the first time that the grant is over, until that is confirmed or disproved; or null
 * @param leased whether a refresh was running somewhere when this was read (by the database's clock)
 * @param blockedFor how long no claim is possible, counted from when this was read: the rest of a lease and its quarantine
 */
public record RefreshState(
        @Nullable Instant nextAt,
        @Nullable Instant lastAt,
        @Nullable Instant failedAt,
        int failures,
        int unresolved,
        @Nullable String lastError,
        @Nullable Instant suspectedAt,
        boolean leased,
        Duration blockedFor) {}
