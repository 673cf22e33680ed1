package io.nexus.oauth.credential;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A secret as it is stored: {@code <key id>.<tenant key id>:<Fernet token>}, or {@code <key id>.<Fernet token>} without
 * a tenant key. Only {@code crypto} can decrypt it, and only for the place it was sealed for.
 *
 * @param text the stored text
 */
public record SealedSecret(String text) {

    private static final int ID_LENGTH = 8;
    private static final Pattern TENANT_KEY = Pattern.compile("[0-9a-f]{8}:");

    /** Throws {@link IllegalArgumentException} for text without a key id. Decryption checks the ciphertext. */
    public SealedSecret {
        if (text.indexOf('.') < 1) {
            throw new IllegalArgumentException("a sealed secret starts with the id of its key");
        }
    }

    /** The id of the master key that sealed it. */
    public String keyId() {
        return text.substring(0, text.indexOf('.'));
    }

    /** The id of the tenant key that decryption needs beside the master key; empty when it needs none. */
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

    /** Prints only the key id: ciphertext in a log helps nobody. */
    @Override
    public String toString() {
        return "[sealed under " + keyId() + "]";
    }
}
