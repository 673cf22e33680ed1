package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The refresh state of a credential.
 *
 * @param nextAt the time of the next planned refresh, or null
 * @param lastAt the time of the last refresh, or null
 * @param failures the number of failures since the last success
 * @param unresolved the number of attempts with unknown result since the last success
 * @param lastError the stable code of the last failure, or null
 * @param running whether a refresh is running
 */
public record RefreshView(
        @Nullable Instant nextAt,
        @Nullable Instant lastAt,
        int failures,
        int unresolved,
        @Nullable String lastError,
        boolean running) {}
