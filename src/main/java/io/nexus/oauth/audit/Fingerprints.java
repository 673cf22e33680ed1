package io.nexus.oauth.audit;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.KeyedDigest;
import io.nexus.oauth.crypto.SecretSealer;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Fingerprints of access tokens, under a key of their own: who has the database cannot tell whether a token he guesses, or found
 * elsewhere, is in it.
 */
@ApplicationScoped
class Fingerprints {

    private static final String PURPOSE = "token-fingerprint";

    private final SecretSealer sealer;

    Fingerprints(SecretSealer sealer) {
        this.sealer = sealer;
    }

    String of(Secret token) {
        KeyedDigest digest = sealer.digest(PURPOSE, token);
        return digest.keyId() + "." + digest.hex();
    }

    /** As it was made while {@code keyId} was the primary key. */
    String of(String keyId, Secret token) {
        return keyId + "." + sealer.mac(keyId, PURPOSE, token);
    }
}
