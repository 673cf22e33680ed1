package io.nexus.oauth.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HKDF-SHA256 without salt, for keys of 32 bytes: one block of output. Written here because {@code javax.crypto.KDF}
 * needs JDK 25 and the code targets 21.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5869">RFC 5869</a>
 */
final class Hkdf {

    private static final String HMAC = "HmacSHA256";

    private Hkdf() {}

    /** RFC 5869 section 2.2; computed once per master key. */
    static byte[] extract(byte[] master) {
        return hmac(new byte[32], 0, 32).doFinal(master);
    }

    /** RFC 5869 section 2.3, the first block: 32 bytes that depend on {@code info}. */
    static byte[] expand(byte[] extracted, byte[] info) {
        Mac mac = hmac(extracted, 0, extracted.length);
        mac.update(info);
        mac.update((byte) 1);
        return mac.doFinal();
    }

    /** A new HMAC-SHA256 with a part of {@code key}. */
    static Mac hmac(byte[] key, int offset, int length) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, offset, length, HMAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + HMAC, e);
        }
    }
}
