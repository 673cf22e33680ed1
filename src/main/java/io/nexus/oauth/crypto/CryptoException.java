package io.nexus.oauth.crypto;

/**
 * A secret cannot be sealed or decrypted. Sealed: a new kind does not compile until the REST layer maps it. None has a
 * stack trace or a cause, because exceptions of the JDK and of Jackson may quote their input.
 */
public abstract sealed class CryptoException extends RuntimeException {

    private CryptoException(String message) {
        super(message, null, false, false);
    }

    /** The value was sealed under a key that the keyring lacks. The operator has to add the key again. */
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

    /** The value cannot be decrypted. The service cannot tell which reason applies. */
    public static final class Tampered extends CryptoException {
        Tampered() {
            super("Failed to decrypt token. It was altered, or written under another key or for another place.");
        }
    }

    /** This replica must not seal now: the other replicas hold none of its keys. */
    public static final class NoCommonKey extends CryptoException {
        NoCommonKey() {
            super("this replica shares no key with the other replicas: they could not decrypt what it seals");
        }
    }

    /** The tenant was shredded: its keys are destroyed, so its secrets can no longer be decrypted or sealed. */
    public static final class TenantShredded extends CryptoException {
        /** The message does not name the tenant. */
        public TenantShredded() {
            super("the tenant was shredded: its keys are destroyed, and it accepts no more secrets");
        }
    }

    /** The tenant's key is not loaded yet, or this process never had it. */
    public static final class TenantKeyUnavailable extends CryptoException {
        TenantKeyUnavailable() {
            super("the tenant's key is not loaded");
        }
    }

    /** A configured key is invalid. The message names the source of the key, never the key. */
    public static final class InvalidKey extends CryptoException {
        private final String source;

        InvalidKey(String source, String problem) {
            super("Invalid encryption key in " + source + ": " + problem);
            this.source = source;
        }

        /** The source of the key: a file path or a property name. */
        public String source() {
            return source;
        }
    }

    /** The key service did not unwrap a key. The message names the source of the key and the reason, never the key. */
    public static final class NotUnwrapped extends CryptoException {
        NotUnwrapped(String source, String problem) {
            super("The key service did not unwrap the key in " + source + ": " + problem);
        }
    }
}
