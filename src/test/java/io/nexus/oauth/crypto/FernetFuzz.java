package io.nexus.oauth.crypto;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;

/** Any text is opened or refused as tampered with; nothing else comes out of the reader. */
class FernetFuzz {

    private static final byte[] KEY = new byte[32];

    @FuzzTest
    void decode(byte[] input) {
        refused(new String(input, StandardCharsets.UTF_8));
        refused(Base64.getUrlEncoder().encodeToString(input));
    }

    /** As the holder of the key could have written it, whatever its form: the signature is right. */
    @FuzzTest
    void signed(byte[] input) {
        byte[] mac = Hkdf.hmac(KEY, 0, 16).doFinal(input);
        byte[] token = Arrays.copyOf(input, input.length + mac.length);
        System.arraycopy(mac, 0, token, input.length, mac.length);
        try {
            fernet().decrypt(Base64.getUrlEncoder().encodeToString(token));
        } catch (CryptoException.Tampered expected) {
            // of another form
        }
    }

    private static void refused(String text) {
        try {
            fernet().decrypt(text);
        } catch (CryptoException.Tampered expected) {
            return;
        }
        throw new AssertionError("opened");
    }

    private static Fernet fernet() {
        return new Fernet(KEY.clone(), InstantSource.system(), Randomness.SOURCE);
    }
}
