package io.nexus.oauth.embedded;

import java.security.SecureRandom;
import java.util.Base64;

/** The secrets that local mode makes. */
final class LocalSecrets {

    private static final SecureRandom RANDOM = new SecureRandom();

    private LocalSecrets() {}

    /** A Fernet key: 32 bytes, base64url with padding, and a line end. */
    static String encryptionKey() {
        return Base64.getUrlEncoder().encodeToString(bytes()) + "\n";
    }

    /** An API key of the service's own format, and a line end. */
    static String apiKey() {
        return "nxo_" + password();
    }

    /** 43 characters and a line end; none of them needs quoting in SQL, a URL or a shell. */
    static String password() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes()) + "\n";
    }

    private static byte[] bytes() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
