package io.nexus.oauth.credential;

/**
 * A secret as it is kept: {@code <key id>.<Fernet token>}. Only {@code crypto} can open it, and only at the place it was
 * sealed for.
 *
 * @param text the stored text
 */
public record SealedSecret(String text) {

    /** Refuses text without a key id; the ciphertext itself is judged when it is opened. */
    public SealedSecret {
        if (text.indexOf('.') < 1) {
            throw new IllegalArgumentException("a sealed secret starts with the id of its key");
        }
    }

    /** The id of the master key this was sealed under. */
    public String keyId() {
        return text.substring(0, text.indexOf('.'));
    }

    /** The Fernet token. */
    public String ciphertext() {
        return text.substring(text.indexOf('.') + 1);
    }

    /** Prints the key id only: ciphertext in a log is of no use to its reader. */
    @Override
    public String toString() {
        return "[sealed under " + keyId() + "]";
    }
}
