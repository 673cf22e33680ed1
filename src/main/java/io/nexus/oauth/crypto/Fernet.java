package io.nexus.oauth.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One Fernet key: version 0x80, time, IV, AES-128-CBC, HMAC-SHA256, as base64url with padding. The time is written but
 * not checked, because stored data has no time to live. Thread-safe.
 *
 * @see <a href="https://github.com/fernet/spec/blob/master/Spec.md">the specification</a>
 */
final class Fernet {

    private static final byte VERSION = (byte) 0x80;
    private static final int IV_AT = 9;
    private static final int BLOCK = 16;
    private static final int BODY_AT = IV_AT + BLOCK;
    private static final int MAC_LENGTH = 32;

    private final byte[] key;
    private final InstantSource time;
    private final SecureRandom random;

    /**
     * The first half of the 32 bytes of {@code key} signs, the second half encrypts. Keeps the array until {@link
     * #wipe()}.
     */
    Fernet(byte[] key, InstantSource time, SecureRandom random) {
        this.key = key;
        this.time = time;
        this.random = random;
    }

    String encrypt(byte[] plaintext) {
        byte[] iv = new byte[BLOCK];
        random.nextBytes(iv);
        int macAt = BODY_AT + (plaintext.length / BLOCK + 1) * BLOCK;
        byte[] token = new byte[macAt + MAC_LENGTH];
        ByteBuffer.wrap(token)
                .put(VERSION)
                .putLong(time.instant().getEpochSecond())
                .put(iv);
        try {
            cipher(Cipher.ENCRYPT_MODE, token).doFinal(plaintext, 0, plaintext.length, token, BODY_AT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no AES-128-CBC", e);
        }
        System.arraycopy(mac(token, macAt), 0, token, macAt, MAC_LENGTH);
        return Base64.getUrlEncoder().encodeToString(token);
    }

    /** Throws {@link CryptoException.Tampered} unless {@code text} is exactly what a holder of the key wrote. */
    byte[] decrypt(String text) {
        byte[] token = decode(text);
        int macAt = token.length - MAC_LENGTH;
        if (!hasForm(token, macAt)
                || !MessageDigest.isEqual(mac(token, macAt), Arrays.copyOfRange(token, macAt, token.length))) {
            throw new CryptoException.Tampered();
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, token).doFinal(token, BODY_AT, macAt - BODY_AT);
        } catch (GeneralSecurityException e) {
            throw new CryptoException.Tampered();
        }
    }

    /** Overwrites the key; this object cannot be used afterwards. */
    void wipe() {
        Arrays.fill(key, (byte) 0);
    }

    /** The cipher checks for whole blocks, but not that there is at least one. */
    private static boolean hasForm(byte[] token, int macAt) {
        return macAt >= BODY_AT + BLOCK && token[0] == VERSION;
    }

    /** The JDK accepts missing padding and stray trailing bits. Encoding the bytes again reveals both. */
    private static byte[] decode(String text) {
        try {
            byte[] token = Base64.getUrlDecoder().decode(text);
            if (Base64.getUrlEncoder().encodeToString(token).equals(text)) {
                return token;
            }
        } catch (IllegalArgumentException e) {
            // not base64url; refused like every other alteration
        }
        throw new CryptoException.Tampered();
    }

    private byte[] mac(byte[] token, int length) {
        Mac mac = Hkdf.hmac(key, 0, BLOCK);
        mac.update(token, 0, length);
        return mac.doFinal();
    }

    private Cipher cipher(int mode, byte[] token) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(mode, new SecretKeySpec(key, BLOCK, BLOCK, "AES"), new IvParameterSpec(token, IV_AT, BLOCK));
        return cipher;
    }
}
