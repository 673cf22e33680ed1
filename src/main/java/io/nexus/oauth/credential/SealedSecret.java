package io.nexus.oauth.credential;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A secret as it is kept: {@code <key id>.<tenant key id>:<Fernet token>}, or {@code <key id>.<Fernet token>} when it opens
 * without a key of the tenant. Only {@code crypto} can open it, and only at the place it was sealed for.
 *
 * @param text the stored text
 */
public record SealedSecret(String text) {

    private static final int ID_LENGTH = 8;
    private static final Pattern TENANT_KEY = Pattern.compile("[0-9a-f]{8}:");

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

    /** The id of the tenant's key that it takes beside the master key, if it takes one. */
    public Optional<String> tenantKeyId() {
        String rest = afterKeyId();
        return TENANT_KEY.matcher(rest).lookingAt() ? Optional.of(rest.substring(0, ID_LENGTH)) : Optional.empty();
    }

    /** The Fernet token. */
    public String ciphertext() {
        String rest = afterKeyId();
        return TENANT_KEY.matcher(rest).lookingAt() ? rest.substring(ID_LENGTH + 1) : rest;
    }

    private String afterKeyId() {
        return text.substring(text.indexOf('.') + 1);
    }

    /** Prints the key id only: ciphertext in a log is of no use to its reader. */
    @Override
    public String toString() {
        return "[sealed under " + keyId() + "]";
    }
}
