package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A line of an export.
 *
 * @param tenant the tenant
 * @param provider the provider
 * @param user the user of the account
 * @param grant the grant: a JWE (RFC 7516, compact) of a {@code CredentialRequest}; null when there is an error
 * @param error {@code credential-unreadable} when the stored secrets do not open; null otherwise
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
