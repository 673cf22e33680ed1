package io.nexus.oauth.crypto;

/**
 * Why a secret cannot be sealed or opened. Sealed, so that a new kind does not compile until the edge maps it. None carries
 * a stack trace or a cause: causes of the JDK and of Jackson may quote what they were given.
 */
public abstract sealed class CryptoException extends RuntimeException {

    private CryptoException(String message) {
        super(message, null, false, false);
    }

    /** The value was sealed under a key that the keyring lacks: an operator has to put the key back. */
    public static final class UnknownKey extends CryptoException {
        private final String keyId;

        UnknownKey(String keyId) {
            super("the keyring has no key " + keyId);
            this.keyId = keyId;
        }

        /** The id of the missing key. */
        public String keyId() {
            return keyId;
        }
    }

    /** The value does not open here. Which of the reasons it is cannot be told, and is not told. */
    public static final class Tampered extends CryptoException {
        Tampered() {
            super("Failed to decrypt token. It was altered, or written under another key or for another place.");
        }
    }

    /** Nothing may be sealed here now: the other replicas hold none of the keys that are here. */
    public static final class NoCommonKey extends CryptoException {
        NoCommonKey() {
            super("the keys here are not those of the other replicas: what is sealed here could not be opened there");
        }
    }

    /** The tenant was shredded: its keys are gone, and nothing of it opens or is sealed again. */
    public static final class TenantShredded extends CryptoException {
        /** Of the tenant that was asked for. */
        public TenantShredded() {
            super("the tenant was shredded: its keys were destroyed, and it takes no secrets any more");
        }
    }

    /** The tenant's key was not read yet, or nobody here ever had it. */
    public static final class TenantKeyAway extends CryptoException {
        TenantKeyAway() {
            super("a key of the tenant is not here");
        }
    }

    /** A configured key cannot be used. The message names where the key comes from, never the key. */
    public static final class InvalidKey extends CryptoException {
        private final String source;

        InvalidKey(String source, String problem) {
            super("Invalid encryption key in " + source + ": " + problem);
            this.source = source;
        }

        /** Where the key comes from: a file path or a property name. */
        public String source() {
            return source;
        }
    }

    /** A wrapped key was not opened by the key service. The message names where it comes from and why, never the key. */
    public static final class NotUnwrapped extends CryptoException {
        NotUnwrapped(String source, String problem) {
            super("The wrapped key in " + source + " is not opened by the key service: " + problem);
        }
    }
}
