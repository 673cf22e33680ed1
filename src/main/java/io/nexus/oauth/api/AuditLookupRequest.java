package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A token that was found somewhere.
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
