package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The result of a test of a credential.
 *
 * @param valid whether a valid token exists and the provider has not refused it
 * @param provider the response of the provider. {@code valid}: it accepted the token; {@code invalid}: it refused the token
 *     with 401; {@code unsupported}: the catalogue names no call to test with; {@code unknown}: it gave no definite response
 * @param expiresAt when the token expires; null when it does not
 * @param refreshState as in a token response
 * @param warning a stable code when something is wrong; null otherwise
 */
public record TestView(
        boolean valid,
        String provider,
        @Nullable Instant expiresAt,
        String refreshState,
        @Nullable String warning) {}
