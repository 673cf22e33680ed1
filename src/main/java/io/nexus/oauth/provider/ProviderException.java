package io.nexus.oauth.provider;

import java.time.Duration;

/** Why a provider could not be used. Messages never hold what the provider sent. */
public abstract sealed class ProviderException extends RuntimeException {

    private final String provider;
    private final String code;

    private ProviderException(String provider, String code, String message) {
        super(message, null, false, false);
        this.provider = provider;
        this.code = code;
    }

    /** The provider's id. */
    public String provider() {
        return provider;
    }

    /** A stable code. */
    public String code() {
        return code;
    }

    /** No such provider in the catalogue. */
    public static final class UnknownProvider extends ProviderException {
        /** Nothing is called {@code provider}. */
        public UnknownProvider(String provider) {
            super(provider, "unknown_provider", "there is no provider of that name");
        }
    }

    /** No answer to be had now, and no valid token left. */
    public static final class Unavailable extends ProviderException {
        private final Duration retryAfter;

        /** Worth another try after {@code retryAfter}. */
        public Unavailable(String provider, String code, Duration retryAfter) {
            super(provider, code, "the provider " + provider + " cannot be used now: " + code);
            this.retryAfter = retryAfter;
        }

        /** When to try again. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** Our client, scope or endpoint is wrong: an operator has to act. */
    public static final class Misconfigured extends ProviderException {
        /** The code of {@link #clientChanged}. */
        public static final String CLIENT_CHANGED = "client_changed";

        /** {@code detail} says what to mend, in our words. */
        public Misconfigured(String provider, String code, String detail) {
            super(provider, code, "the provider " + provider + " is misconfigured: " + detail);
        }

        /** A grant was made with another OAuth client than the registered one, or with other variables of it. Nothing of it is sent. */
        public static Misconfigured clientChanged(String provider) {
            return new Misconfigured(
                    provider,
                    CLIENT_CHANGED,
                    "the grant was made with another OAuth client, or with other variables of it: put those back, or connect the"
                            + " account again");
        }
    }

    /** The provider refused the authorization code. */
    public static final class Rejected extends ProviderException {
        /** With the OAuth error {@code code}. */
        public Rejected(String provider, String code) {
            super(provider, code, "the provider " + provider + " refused the authorization: " + code);
        }
    }
}
