package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Generates secrets of 256 random bits for links, states, cookies, PKCE verifiers and API keys, and the digests by
 * which the service looks them up. A plain SHA-256 is enough for a value that nobody can guess, and it survives a
 * rotation of the master key. Thread-safe; blocks only on the operating system's random source.
 */
@ApplicationScoped
public class OneTimeSecrets {

    private static final int BYTES = 32;

    /** 43 characters of base64url: fit for a URL, a cookie and RFC 7636 section 4.1. */
    public Secret next() {
        byte[] bytes = new byte[BYTES];
        Randomness.SOURCE.nextBytes(bytes);
        return Secret.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** The digest of {@code secret} in hexadecimal. */
    public String digest(Secret secret) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(secret.reveal().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
