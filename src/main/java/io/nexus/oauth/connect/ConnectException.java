package io.nexus.oauth.connect;

/** Why a connect flow cannot go on. Says nothing that came from the browser or the provider. */
public abstract sealed class ConnectException extends RuntimeException {

    private ConnectException(String message) {
        super(message, null, false, false);
    }

    /** The link is unknown, expired, or was used by another browser. */
    public static final class InvalidLink extends ConnectException {
        /** The reasons look the same from outside. */
        public InvalidLink() {
            super("the link is not valid: it expired or was used already");
        }
    }

    /** The state is unknown, used, expired, of another provider, or comes from another browser. The code was not traded. */
    public static final class InvalidState extends ConnectException {
        /** The reasons look the same from outside. */
        public InvalidState() {
            super("the answer does not belong to a connection that this browser started");
        }
    }

    /** The return URL is not on the list. */
    public static final class ReturnUrlNotAllowed extends ConnectException {
        /** Names the setting that lists the allowed ones. */
        public ReturnUrlNotAllowed() {
            super("the return URL is not one of nexus.oauth.connect.return-urls");
        }
    }
}
