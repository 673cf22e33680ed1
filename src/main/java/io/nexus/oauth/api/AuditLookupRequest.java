package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * Asks which callers received a token.
 *
 * @param token the access token that was found somewhere. Required
 */
public record AuditLookupRequest(@Nullable String token) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "AuditLookupRequest[]";
    }
}
