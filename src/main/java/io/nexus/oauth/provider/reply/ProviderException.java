package io.nexus.oauth.provider.reply;

import java.time.Duration;

/** Why a request to a provider failed. Messages never contain text that the provider sent. */
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

    /** The provider gives no usable response now, and no valid token is left. The caller may retry later. */
    public static final class Unavailable extends ProviderException {
        private final Duration retryAfter;

        /** The caller should retry after {@code retryAfter}. */
        public Unavailable(String provider, String code, Duration retryAfter) {
            super(provider, code, "the provider " + provider + " cannot be used now: " + code);
            this.retryAfter = retryAfter;
        }

        /** How long the caller should wait before it retries. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /**
     * The OAuth client, a scope or an endpoint is configured wrongly. A retry does not help: the operator has to act.
     */
    public static final class Misconfigured extends ProviderException {
        /** The code of {@link #clientChanged}. */
        public static final String CLIENT_CHANGED = "client_changed";

        /** {@code detail} says what to correct. It must not contain text of the provider. */
        public Misconfigured(String provider, String code, String detail) {
            super(provider, code, "the provider " + provider + " is misconfigured: " + detail);
        }

        /**
         * The grant was issued to another OAuth client than the registered one, or with other variables. Nothing is
         * sent.
         */
        public static Misconfigured clientChanged(String provider) {
            return new Misconfigured(
                    provider,
                    CLIENT_CHANGED,
                    "the grant was issued to another OAuth client, or with other variables of the client: restore them, or"
                            + " connect the account again");
        }
    }

    /** The provider rejected the authorization code. */
    public static final class Rejected extends ProviderException {
        /** With the OAuth error {@code code}. */
        public Rejected(String provider, String code) {
            super(provider, code, "the provider " + provider + " rejected the authorization: " + code);
        }
    }
}
