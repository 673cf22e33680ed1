package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The result of a test of a credential.
 *
 * @param valid whether the service has a valid token and the provider did not reject it
 * @param provider the answer of the provider: {@code valid}, {@code invalid}, {@code unsupported} or {@code unknown}
 * @param expiresAt the expiry of the token, or null when it does not expire
 * @param refreshState the refresh state: {@code fresh}, {@code refreshed}, {@code refreshing} or {@code degraded}
 * @param warning a stable code of a problem, or null
 */
public record TestView(
        boolean valid,
        String provider,
        @Nullable Instant expiresAt,
        String refreshState,
        @Nullable String warning) {}
