package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

    /** The grant does not cover what the caller needs: the user has to connect again and allow more. */
    public static final class InsufficientScope extends CredentialException {
        private final CredentialKey key;
        private final transient List<String> missing;

        /** The grant of {@code key} lacks {@code missing}. */
        public InsufficientScope(CredentialKey key, List<String> missing) {
            super("the grant does not cover: " + String.join(" ", missing));
            this.key = key;
            this.missing = List.copyOf(missing);
        }

        /** Which credential. */
        public CredentialKey key() {
            return key;
        }

        /** The scopes that are not granted. */
        public List<String> missing() {
            return missing;
        }
    }

    /** The caller's grants do not cover it. Only for what tells nothing of other credentials; else it is {@link NotFound}. */
    public static final class BeyondReach extends CredentialException {
        /** {@code message} is for the caller. */
        public BeyondReach(String message) {
            super(message);
        }
    }

    /** It was refreshed just now: another refresh out of turn is not allowed yet. */
    public static final class TooManyRefreshes extends CredentialException {
        private final Duration retryAfter;

        /** Allowed again after {@code retryAfter}. */
        public TooManyRefreshes(Duration retryAfter) {
            super("the credential was refreshed just now");
            this.retryAfter = retryAfter;
        }

        /** When to ask again. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** A version was named that the credential has not had yet. */
    public static final class UnknownVersion extends CredentialException {
        /** Says nothing of the stored one. */
        public UnknownVersion() {
            super("the credential has no such version");
        }
    }

    /** The change does not fit the stored state. */
    public static sealed class Conflict extends CredentialException {
        /** {@code message} is for the caller: it must name no other tenant's data. */
        public Conflict(String message) {
            super(message);
        }
    }

    /** The account has a credential already, in whatever status, and the caller wanted to replace none. */
    public static final class AlreadyStored extends Conflict {
        /** Says nothing of the stored one. */
        public AlreadyStored() {
            super("the account has a credential already");
        }
    }

    /** The tenant, or the caller, has as much as it may have. */
    public static final class QuotaExceeded extends CredentialException {
        private final String limit;
        private final @Nullable Duration retryAfter;

        private QuotaExceeded(String message, String limit, @Nullable Duration retryAfter) {
            super(message);
            this.limit = limit;
            this.retryAfter = retryAfter;
        }

        /** Of credentials: waiting does not help. {@code limit} is a stable code. */
        public static QuotaExceeded ofCredentials(String limit) {
            return new QuotaExceeded(
                    "the tenant has all the credentials that it may have: revoke some, or ask an operator for more",
                    limit,
                    null);
        }

        /** Of links that wait to be used, one of which ends after {@code retryAfter}. {@code limit} is a stable code. */
        public static QuotaExceeded ofConnectSessions(String limit, Duration retryAfter) {
            return new QuotaExceeded("too many links are waiting to be used", limit, retryAfter);
        }

        /** Which limit is reached. */
        public String limit() {
            return limit;
        }

        /** When to ask again, if waiting helps. */
        public Optional<Duration> retryAfter() {
            return Optional.ofNullable(retryAfter);
        }
    }
}
