package io.nexus.oauth.credential;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A value that must not leak. It prints as {@code [secret]} and compares in constant time. Only {@link #reveal()}
 * returns its text, so the architecture test can check every such call.
 */
public final class Secret {

    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    /** Wraps {@code value}; throws {@link IllegalArgumentException} when it is empty. */
    public static Secret of(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a secret cannot be empty");
        }
        return new Secret(value);
    }

    /** The text itself. */
    public String reveal() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && MessageDigest.isEqual(bytes(), that.bytes());
    }

    /** Constant, because a hash would be a fingerprint of the value. */
    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        return "[secret]";
    }

    private byte[] bytes() {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
