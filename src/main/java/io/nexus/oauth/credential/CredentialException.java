package io.nexus.oauth.credential;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Why a credential cannot be given or changed. Sealed, so that a new kind does not compile until the edge maps it. */
public abstract sealed class CredentialException extends RuntimeException {

    private CredentialException(String message) {
        super(message, null, false, false);
    }

    /** There is none, or it belongs to another tenant: the two must look the same. */
    public static final class NotFound extends CredentialException {
        /** Says nothing of what was looked for. */
        public NotFound() {
            super("there is no such credential");
        }
    }

    /** It was revoked here. */
    public static final class Revoked extends CredentialException {
        private final @Nullable Instant revokedAt;

        /** Revoked at {@code revokedAt}. */
        public Revoked(@Nullable Instant revokedAt) {
            super("the credential was revoked");
            this.revokedAt = revokedAt;
        }

        /** When, if known. */
        public @Nullable Instant revokedAt() {
            return revokedAt;
        }
    }

    /** The grant is over at the provider and no valid token is left: the user has to connect again. */
    public static final class ReauthorizationRequired extends CredentialException {
        private final CredentialKey key;
        private final AccountKey account;
        private final String error;

        /** The grant of {@code credential} ended with {@code error}. */
        public ReauthorizationRequired(StoredCredential credential, String error) {
            super("the user has to connect the account again: " + error);
            this.key = credential.key();
            this.account = credential.account();
            this.error = error;
        }

        /** Which credential. */
        public CredentialKey key() {
            return key;
        }

        /** Whose account. */
        public AccountKey account() {
            return account;
        }

        /** A stable code: an OAuth error (RFC 6749 section 5.2) or one of ours. */
        public String error() {
            return error;
        }
    }

    /** The change does not fit the stored state. */
    public static final class Conflict extends CredentialException {
        /** {@code message} is for the caller: it must name no other tenant's data. */
        public Conflict(String message) {
            super(message);
        }
    }
}
