package io.nexus.oauth.audit;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.KeyedDigest;
import io.nexus.oauth.crypto.SecretSealer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Keyed fingerprints of access tokens. Read access to the database is not enough to test whether a given token is in
 * it.
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

    /**
     * The fingerprints of {@code token} under every key in the keyring, because its record may be under an older key.
     */
    List<String> all(Secret token) {
        return sealer.digests(PURPOSE, token).stream()
                .map(TokenFingerprints::text)
                .toList();
    }

    private static String text(KeyedDigest digest) {
        return digest.keyId() + "." + digest.hex();
    }
}
