package io.nexus.oauth.provider.egress;

import java.time.Duration;

/** Is notified of each request to a provider. An implementation must not block and must not throw. */
@FunctionalInterface
public interface RequestListener {

    /** The endpoint that the request was sent to. */
    enum Endpoint {
        /** The token endpoint (RFC 6749 section 3.2). */
        TOKEN,
        /** The endpoint for pushed authorization requests (RFC 9126). */
        PUSH,
        /** The revocation endpoint (RFC 7009, or the vendor's own). */
        REVOKE,
        /** The endpoint that identifies the account. */
        IDENTITY,
        /** The metadata document (RFC 8414, OpenID Connect Discovery). */
        DISCOVERY
    }

    /**
     * A request ended.
     *
     * @param outcome the class of the status ({@code 2xx} ...), {@code lost} when the request was sent and no response
     *     came, or {@code unsent}
     * @param took the time from the name look-up to the last byte
     */
    void ended(String provider, Endpoint endpoint, String outcome, Duration took);
}
