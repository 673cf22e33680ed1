package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.Secret;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A tenant's key: 32 random bytes of this service. Prints only its id. */
final class TenantKey {

    private static final int LENGTH = 32;
    private static final int ID_BYTES = 4;

    private final String id;
    private final byte[] key;

    private TenantKey(String id, byte[] key) {
        this.id = id;
        this.key = key;
    }

    static TenantKey random() {
        byte[] key = new byte[LENGTH];
        Randomness.SOURCE.nextBytes(key);
        byte[] id = new byte[ID_BYTES];
        Randomness.SOURCE.nextBytes(id);
        return new TenantKey(HexFormat.of().formatHex(id), key);
    }

    /** Decodes a key. Throws {@link CryptoException.Tampered} when {@code text} is not the text of a key. */
    static TenantKey of(String id, Secret text) {
        try {
            byte[] key = Base64.getUrlDecoder().decode(text.reveal());
            if (key.length == LENGTH) {
                return new TenantKey(id, key);
            }
        } catch (IllegalArgumentException e) {
            // its message quotes the text
        }
        throw new CryptoException.Tampered();
    }

    String id() {
        return id;
    }

    /** The key as text, for sealing. */
    Secret text() {
        return Secret.of(Base64.getUrlEncoder().withoutPadding().encodeToString(key));
    }

    /**
     * 32 bytes from this key and {@code derived}; without one of them they cannot be computed. Wipes {@code derived}.
     */
    byte[] bind(byte[] derived) {
        try {
            return Hkdf.hmac(key, 0, key.length).doFinal(derived);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    @Override
    public String toString() {
        return "[tenant key " + id + "]";
    }
}
