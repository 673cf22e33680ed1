package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the refreshing of a credential stands.
 *
 * @param nextAt when it is refreshed next, or null
 * @param lastAt when it was refreshed last, or null
 * @param failures failures since the last success
 * @param unresolved attempts of unknown fate since the last success
 * @param lastError a stable code of the last failure, or null
 * @param running whether a refresh is running
 */
public record RefreshView(
        @Nullable Instant nextAt,
        @Nullable Instant lastAt,
        int failures,
        int unresolved,
        @Nullable String lastError,
        boolean running) {}
