package io.nexus.oauth.crypto.wrapping;

import io.nexus.oauth.credential.Secret;

/**
 * A key service that unwraps master keys; the files alone are useless without it. The service asks it for each key that
 * is new to this process, at the start and when the files change. Unwrapped keys stay in memory only.
 */
public interface KeyWrapper {

    /** Whether {@code text} is a wrapped key and not a plain one. */
    static boolean isWrapped(String text) {
        return text.startsWith("vault:v");
    }

    /**
     * Unwraps {@code wrapped} to the text of the key. Blocks for a bounded time. Throws {@link Refusal} when the key
     * service is unavailable, denies access or cannot unwrap it.
     */
    Secret unwrap(String wrapped);

    /** The key service did not unwrap a key. The message is for the operator and holds no secret. */
    public final class Refusal extends RuntimeException {
        public Refusal(String problem) {
            super(problem, null, false, false);
        }
    }
}
