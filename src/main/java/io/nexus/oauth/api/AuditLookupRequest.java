package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A search for the callers that received a token.
 *
 * @param token the access token
 */
public record AuditLookupRequest(@Nullable String token) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "AuditLookupRequest[]";
    }
}
