package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A line of an export.
 *
 * @param tenant whose it is
 * @param provider the provider
 * @param user whose account
 * @param grant the grant: a JWE (RFC 7516, compact) of a {@link CredentialRequest}; null when there is an error
 * @param error {@code credential-unreadable} when its stored secrets do not open, or null
 */
public record ExportedGrant(
        String tenant,
        String provider,
        String user,
        @Nullable String grant,
        @Nullable String error) {

    /** Without the secret, sealed as it is. */
    @Override
    public String toString() {
        return "ExportedGrant[provider=" + provider + ", user=" + user + "]";
    }
}
