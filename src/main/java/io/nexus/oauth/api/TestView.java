package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a credential works.
 *
 * @param valid whether a valid token is at hand and the provider did not refuse it
 * @param provider what the provider says: {@code valid}, {@code invalid}, {@code unsupported} or {@code unknown}
 * @param expiresAt when the token ends, or null when it does not
 * @param refreshState how its refreshing stands
 * @param warning a stable code when something is wrong, or null
 */
public record TestView(
        boolean valid,
        String provider,
        @Nullable Instant expiresAt,
        String refreshState,
        @Nullable String warning) {}
