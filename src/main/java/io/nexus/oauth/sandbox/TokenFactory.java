package io.nexus.oauth.sandbox;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Makes tokens. Every refresh token of a grant starts with the same secret part, its family: that is how a spent one is
 * recognised without keeping all that ever were.
 */
final class TokenFactory {

    private static final SecureRandom RANDOM = new SecureRandom();

    private TokenFactory() {}

    static String access() {
        return "sandbox-access-" + random();
    }

    static String refresh(String family) {
        return "sandbox-refresh-" + family + "." + random();
    }

    /** The family of a refresh token; of anything else a text that no grant has. */
    static String family(String refresh) {
        int dot = refresh.lastIndexOf('.');
        return refresh.startsWith("sandbox-refresh-") && dot > 0
                ? refresh.substring("sandbox-refresh-".length(), dot)
                : "";
    }

    static String random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return encode(bytes);
    }

    /** SHA-256, base64url: of a token, and of a code verifier (RFC 7636 section 4.2). */
    static String hash(String text) {
        try {
            return encode(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
