package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A line of an export.
 *
 * @param tenant the tenant
 * @param provider the provider
 * @param user the user
 * @param grant the grant: a JWE (RFC 7516, compact) of a {@link CredentialRequest}; null when there is an error
 * @param error {@code credential-unreadable} when its secrets cannot be decrypted, or null
 */
public record ExportedGrant(
        String tenant,
        String provider,
        String user,
        @Nullable String grant,
        @Nullable String error) {

    /** Without the encrypted secret. */
    @Override
    public String toString() {
        return "ExportedGrant[provider=" + provider + ", user=" + user + "]";
    }
}
