package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.Secret;
import java.util.Arrays;
import java.util.Base64;

/**
 * The text of a master key and its source.
 *
 * @param source a file path or a property name, for messages
 * @param text 43 or 44 characters of base64url, possibly with white space around
 */
record MasterKey(String source, Secret text) {

    private static final int LENGTH = 32;

    /** A new key as text: 44 characters. */
    static String generate() {
        byte[] key = new byte[LENGTH];
        Randomness.SOURCE.nextBytes(key);
        String text = Base64.getUrlEncoder().encodeToString(key);
        Arrays.fill(key, (byte) 0);
        return text;
    }

    /** The 32 bytes. Throws {@link CryptoException.InvalidKey} when the text does not decode to 32 bytes. */
    byte[] bytes() {
        byte[] key = decode();
        if (key.length != LENGTH) {
            Arrays.fill(key, (byte) 0);
            throw invalid();
        }
        return key;
    }

    private byte[] decode() {
        try {
            return Base64.getUrlDecoder().decode(text.reveal().strip());
        } catch (IllegalArgumentException e) {
            // its message may quote the key
            throw invalid();
        }
    }

    private CryptoException.InvalidKey invalid() {
        return new CryptoException.InvalidKey(
                source, "a key is 32 bytes in base64url (43 characters of A-Z a-z 0-9 - _, and one = if padded)");
    }
}
