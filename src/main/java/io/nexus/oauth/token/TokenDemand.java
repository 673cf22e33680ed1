package io.nexus.oauth.token;

import java.time.Duration;
import java.util.Optional;

/**
 * What a caller asks of a token.
 *
 * @param minTtl what it must be good for, or the configured default
 * @param maxWait how long the caller waits for a refresh, or the configured default
 */
public record TokenDemand(Optional<Duration> minTtl, Optional<Duration> maxWait) {

    /** The configured defaults. */
    public static final TokenDemand DEFAULT = new TokenDemand(Optional.empty(), Optional.empty());
}
