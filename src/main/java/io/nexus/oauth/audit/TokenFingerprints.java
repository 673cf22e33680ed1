package io.nexus.oauth.audit;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.KeyedDigest;
import io.nexus.oauth.crypto.SecretSealer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Fingerprints of access tokens, under a key of their own: who has the database cannot tell whether a token he guesses, or found
 * elsewhere, is in it.
 */
@ApplicationScoped
class TokenFingerprints {

    private static final String PURPOSE = "token-fingerprint";

    private final SecretSealer sealer;

    TokenFingerprints(SecretSealer sealer) {
        this.sealer = sealer;
    }

    String of(Secret token) {
        return text(sealer.digest(PURPOSE, token));
    }

    /** As it may have been made: under any key that is here now, whichever sealed then and on whichever replica. */
    List<String> all(Secret token) {
        return sealer.digests(PURPOSE, token).stream()
                .map(TokenFingerprints::text)
                .toList();
    }

    private static String text(KeyedDigest digest) {
        return digest.keyId() + "." + digest.hex();
    }
}
