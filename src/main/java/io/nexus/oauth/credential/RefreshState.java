package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a credential's refreshes.
 *
 * @param nextAt when the schedule refreshes it next, or null when it never does
 * @param lastAt when it was last refreshed, or null for never
 * @param failedAt when a refresh last failed, or null
 * @param failures refreshes since the last success that certainly failed
 * @param unresolved refreshes since the last success whose result is unknown
 * @param lastError a stable code of the last failure, or null
 * @param suspectedAt when the provider first rejected the grant; null when it did not, or once that is confirmed or
 *     disproved
 * @param leased whether some replica held a lease when this was read, by the database's clock
 * @param blockedFor how long no new lease is possible, from when this was read: the rest of a lease and its quarantine
 * @param tokenExpiresAt when the refresh token expires, or null when that is unknown
 * @param tokenEndSince since when that end is known, or null when there is none
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
        Duration blockedFor,
        @Nullable Instant tokenExpiresAt,
        @Nullable Instant tokenEndSince) {}
