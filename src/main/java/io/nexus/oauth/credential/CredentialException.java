package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A credential cannot be read or changed. Sealed: a new kind does not compile until the REST layer maps it. */
public abstract sealed class CredentialException extends RuntimeException {

    private CredentialException(String message) {
        super(message, null, false, false);
    }

    /** The credential does not exist or belongs to another tenant. The caller cannot tell which. */
    public static final class NotFound extends CredentialException {
        /** The message does not name the credential that was looked for. */
        public NotFound() {
            super("there is no such credential");
        }

        private NotFound(String message) {
            super(message);
        }

        /** No credential is found because the catalogue does not have its provider. */
        public static NotFound atUnknownProvider() {
            return new NotFound("there is no such credential: the service does not know the provider");
        }
    }

    /** The credential was revoked in this service. */
    public static final class Revoked extends CredentialException {
        private final @Nullable Instant revokedAt;

        /** Revoked at {@code revokedAt}. */
        public Revoked(@Nullable Instant revokedAt) {
            super("the credential was revoked");
            this.revokedAt = revokedAt;
        }

        /** The time of the revocation, or null when unknown. */
        public @Nullable Instant revokedAt() {
            return revokedAt;
        }
    }

    /** The provider ended the grant and no valid token is left: the user has to connect again. */
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

        /** The credential. */
        public CredentialKey key() {
            return key;
        }

        /** The account of the credential. */
        public AccountKey account() {
            return account;
        }

        /** A stable code: an OAuth error (RFC 6749 section 5.2) or one of this service. */
        public String error() {
            return error;
        }
    }

    /** The grant lacks scopes that the caller needs: the user has to connect again and allow them. */
    public static final class InsufficientScope extends CredentialException {
        private final CredentialKey key;
        private final transient List<String> missing;

        /** The grant of {@code key} lacks {@code missing}. */
        public InsufficientScope(CredentialKey key, List<String> missing) {
            super("the grant does not cover: " + String.join(" ", missing));
            this.key = key;
            this.missing = List.copyOf(missing);
        }

        /** The credential. */
        public CredentialKey key() {
            return key;
        }

        /** The scopes that are not granted. */
        public List<String> missing() {
            return missing;
        }
    }

    /**
     * The caller's policies do not allow the request. Only for answers that reveal nothing about other credentials;
     * otherwise it is {@link NotFound}.
     */
    public static final class Forbidden extends CredentialException {
        /** {@code message} is for the caller. */
        public Forbidden(String message) {
            super(message);
        }
    }

    /** The credential was refreshed just now: another forced refresh is not allowed yet. */
    public static final class TooManyRefreshes extends CredentialException {
        private final Duration retryAfter;

        /** The caller may retry after {@code retryAfter}. */
        public TooManyRefreshes(Duration retryAfter) {
            super("the credential was refreshed just now");
            this.retryAfter = retryAfter;
        }

        /** How long the caller should wait before a retry. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** The caller named a version that the credential has not reached yet. */
    public static final class UnknownVersion extends CredentialException {
        /** The message does not name the stored version. */
        public UnknownVersion() {
            super("must be the version that came with the refused token");
        }
    }

    /** The change does not fit the stored state. */
    public static sealed class Conflict extends CredentialException {
        /** {@code message} is for the caller: it must name no other tenant's data. */
        public Conflict(String message) {
            super(message);
        }
    }

    /** The user connected another account at the provider than the caller expects. */
    public static final class UnexpectedAccount extends Conflict {
        /** The message names no account. */
        public UnexpectedAccount() {
            super("the user connected another account than the expected one");
        }
    }

    /** The account already has a credential, in any status, and the caller asked not to replace one. */
    public static final class AlreadyStored extends Conflict {
        /** The message does not name the stored credential. */
        public AlreadyStored() {
            super("the account already has a credential");
        }
    }

    /** The credential was revoked after the change had begun. A revocation is stronger: the change did not take place. */
    public static final class RevokedMeanwhile extends Conflict {
        /** The message says how the caller undoes the revocation, if that is the intention. */
        public RevokedMeanwhile() {
            super(
                    "the credential was revoked while the provider was asked: it stays revoked. Repeat the request to use it again");
        }
    }

    /** The tenant or the caller reached its quota. */
    public static final class QuotaExceeded extends CredentialException {
        private final String limit;
        private final @Nullable Duration retryAfter;

        private QuotaExceeded(String message, String limit, @Nullable Duration retryAfter) {
            super(message);
            this.limit = limit;
            this.retryAfter = retryAfter;
        }

        /** The quota of credentials. Waiting does not help. {@code limit} is a stable code. */
        public static QuotaExceeded ofCredentials(String limit) {
            return new QuotaExceeded(
                    "the tenant reached its limit of credentials: revoke some, or ask an operator to raise the limit",
                    limit,
                    null);
        }

        /** The bound of a tenant's API keys. Waiting does not help soon. */
        public static QuotaExceeded ofApiKeys(int most) {
            return new QuotaExceeded(
                    "the tenant has " + most
                            + " API keys that work: revoke those that nobody uses, then issue the new one",
                    "api_keys_per_tenant",
                    null);
        }

        /**
         * The quota of unused connect links. Ask again after {@code retryAfter}. {@code limit} is a stable
         * code.
         */
        public static QuotaExceeded ofConnectSessions(String limit, Duration retryAfter) {
            return new QuotaExceeded("too many connect links are waiting to be used", limit, retryAfter);
        }

        /** The code of the limit that is reached. */
        public String limit() {
            return limit;
        }

        /** How long the caller should wait before a retry; empty when waiting does not help. */
        public Optional<Duration> retryAfter() {
            return Optional.ofNullable(retryAfter);
        }
    }
}
