package io.nexus.oauth.token;

import io.nexus.oauth.credential.StoredCredential;

/**
 * The result of a revocation.
 *
 * @param credential the revoked credential
 * @param provider the result at the provider
 */
public record Revocation(StoredCredential credential, AtProvider provider) {

    /** The result of a revocation at the provider. */
    public enum AtProvider {
        /** The provider confirmed it. */
        REVOKED,
        /** The provider gave no definite answer yet; the service retries. */
        PENDING,
        /** The provider has no way to revoke one grant. */
        UNSUPPORTED,
        /** The provider refused for good. */
        REFUSED,
        /** The credential was already revoked; the provider was not asked. */
        ALREADY
    }
}
