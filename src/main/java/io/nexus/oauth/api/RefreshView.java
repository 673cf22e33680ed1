package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of the refreshes of a credential.
 *
 * @param nextAt when the schedule refreshes it next; null when it never does
 * @param lastAt when it was refreshed last; null before the first time
 * @param failures refreshes that failed since the last success
 * @param unresolved refreshes with an unknown outcome since the last success
 * @param lastError the code of the last failure; null when there is none
 * @param running whether a refresh is running
 * @param tokenExpiresAt when the refresh token expires; null when that is unknown
 */
public record RefreshView(
        @Nullable Instant nextAt,
        @Nullable Instant lastAt,
        int failures,
        int unresolved,
        @Nullable String lastError,
        boolean running,
        @Nullable Instant tokenExpiresAt) {}
