package io.nexus.oauth.connect;

import java.util.UUID;

/** The reason why a connect flow cannot continue. The message holds no text from the browser or the provider. */
public abstract sealed class ConnectException extends RuntimeException {

    private ConnectException(String message) {
        super(message, null, false, false);
    }

    /** The link is unknown, expired, or was used. */
    public static final class InvalidLink extends ConnectException {
        private final Reason reason;

        /** One message for all reasons. */
        public InvalidLink(Reason reason) {
            super("the link is not valid: it has expired or was already used");
            this.reason = reason;
        }

        /** For the person who has the link: the secret in it is the permission to know. */
        public Reason reason() {
            return reason;
        }

        /** The reason why a link does not work. */
        public enum Reason {
            /** There is no such link, or the service deleted it long after its end. */
            UNKNOWN,
            /** Nobody used it in time. */
            EXPIRED,
            /** The session ended, or another browser uses it. */
            USED
        }
    }

    /**
     * The state is unknown, used, expired, belongs to another provider, or comes from another browser. The code was not
     * exchanged.
     */
    public static final class InvalidState extends ConnectException {
        /** One message for all reasons. */
        public InvalidState() {
            super("the provider's response does not belong to a connection that this browser started");
        }
    }

    /** The flow takes longer than a browser waits. It goes on, and the session shows its result. */
    public static final class Pending extends ConnectException {
        private final UUID session;

        /** The flow of {@code session}. */
        public Pending(UUID session) {
            super("the connection is not finished yet");
            this.session = session;
        }

        /** The id of the connect session. */
        public UUID session() {
            return session;
        }
    }

    /** The origin is not in the list of allowed ones. */
    public static final class OriginNotAllowed extends ConnectException {
        /** The message names the setting with the allowed origins. */
        public OriginNotAllowed() {
            super("the origin is not one of nexus.oauth.connect.origins");
        }
    }

    /** The return URL is not in the list of allowed ones. */
    public static final class ReturnUrlNotAllowed extends ConnectException {
        /** The message names the setting with the allowed URLs. */
        public ReturnUrlNotAllowed() {
            super("must be one of nexus.oauth.connect.return-urls, which the operator sets");
        }
    }
}
