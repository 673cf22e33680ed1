package io.nexus.oauth.provider.egress;

import java.time.Duration;

/** Hears of each request to a provider. Must not block and never fail. */
@FunctionalInterface
public interface RequestListener {

    /** What was asked for. */
    enum Endpoint {
        /** A code, or a refresh token, for tokens (RFC 6749 section 3.2). */
        TOKEN,
        /** The end of a grant (RFC 7009, or the vendor's way). */
        REVOKE,
        /** Whose token it is. */
        IDENTITY,
        /** Metadata (RFC 8414, OpenID Connect Discovery). */
        DISCOVERY
    }

    /**
     * A request ended.
     *
     * @param outcome {@code 2xx} and its kind, {@code lost} when it was sent and no answer came, or {@code unsent}
     * @param took from the first step to the last byte
     */
    void ended(String provider, Endpoint endpoint, String outcome, Duration took);
}
