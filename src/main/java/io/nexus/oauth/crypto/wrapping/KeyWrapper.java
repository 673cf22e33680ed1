package io.nexus.oauth.crypto.wrapping;

import io.nexus.oauth.credential.Secret;

/**
 * A key service that opens wrapped master keys: what the files hold is of no use without it. Asked when a key is new to this process,
 * at the start and when the files changed; what it opened stays in memory only.
 */
public interface KeyWrapper {

    /** Whether {@code text} is a wrapped key and not a key. */
    static boolean isWrapped(String text) {
        return text.startsWith("vault:v");
    }

    /**
     * The key, as text, that {@code wrapped} holds. Blocks, for a bounded time. Throws {@link Refusal} when the service is away, does not
     * believe us or does not open it.
     */
    Secret unwrap(String wrapped);

    /** Why a key was not opened, in words for the operator; no secret is among them. */
    public final class Refusal extends RuntimeException {
        public Refusal(String problem) {
            super(problem, null, false, false);
        }
    }
}
