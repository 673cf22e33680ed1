package io.nexus.oauth.token;

import io.nexus.oauth.credential.StoredCredential;

/**
 * What a revocation achieved.
 *
 * @param credential the credential, revoked
 * @param provider what became of it at the provider
 */
public record Revocation(StoredCredential credential, AtProvider provider) {

    /** What became of a revocation at the provider. */
    public enum AtProvider {
        /** The provider confirmed it. */
        REVOKED,
        /** The provider gave no definite answer; it is tried again until it does. */
        PENDING,
        /** The provider has no way to revoke one grant. */
        UNSUPPORTED,
        /** The provider refused, and would again. */
        REFUSED,
        /** It was revoked here before; nothing was asked. */
        ALREADY
    }
}
