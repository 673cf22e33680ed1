package io.nexus.oauth.provider.reply;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The verdict on one request to a token endpoint. Each kind requires a different action of the caller. */
public sealed interface TokenReply {

    /** A stable code for metrics, the audit trail and {@code last_error}; never a provider's raw text. */
    String code();

    /**
     * The provider issued tokens.
     *
     * @param remarks what the service had to guess or leave out, for the operator; never a text of the provider
     */
    record Granted(TokenResponse response, Set<String> remarks) implements TokenReply {
        /** Copies the remarks. */
        public Granted {
            remarks = Set.copyOf(remarks);
        }

        /** Tokens without a remark. */
        public Granted(TokenResponse response) {
            this(response, Set.of());
        }

        @Override
        public String code() {
            return "granted";
        }
    }

    /**
     * Definite: the grant is revoked or expired and the user has to connect again ({@code invalid_grant} and similar
     * codes).
     *
     * @param certain whether the code is unambiguous; {@code invalid_grant} is not, because a provider with an outage
     *     may also send it
     */
    record Rejected(String code, boolean certain) implements TokenReply {
        /** A rejection that has to be confirmed by a second request. */
        public Rejected(String code) {
            this(code, false);
        }
    }

    /**
     * Definite: this grant is refused, with a code that the service does not know. Nothing else is wrong. The service
     * retries a bounded number of times; then the user has to connect again.
     */
    record Refused(String code) implements TokenReply {}

    /**
     * Definite: the request or the client is wrong ({@code invalid_client} ...). The operator has to act.
     *
     * @param client whether the failure concerns the OAuth client and so all its grants; otherwise it may concern one
     *     grant only
     */
    record Misconfigured(String code, boolean client) implements TokenReply {}

    /**
     * Definite: nothing was spent; try again later.
     *
     * @param retryAfter the delay that the provider asked for, 15 minutes at most
     * @param clientWide whether it applies to all credentials of the client (429, 503) and not only to this one
     */
    record Deferred(String code, Optional<Duration> retryAfter, boolean clientWide) implements TokenReply {}

    /**
     * The provider may have processed the request although no usable response arrived, so the refresh token may be
     * spent. Never treated as a failure.
     */
    record Unknown(String code) implements TokenReply {}

    /** This verdict on a request whose response is its access token alone. A refresh token is dropped. */
    default TokenReply ofAccessToken() {
        if (!(this instanceof Granted granted)) {
            return this;
        }
        return granted.response().accessToken() == null
                ? new Unknown(TokenResponse.NO_ACCESS_TOKEN)
                : new Granted(granted.response().withoutRefreshToken(), granted.remarks());
    }

    /**
     * This verdict on the token request of a machine connection. No grant of a person could have ended, so each refusal is for the
     * operator. A refresh token is dropped.
     */
    default TokenReply ofMachine() {
        return switch (ofAccessToken()) {
            case Rejected refused -> new Misconfigured(refused.code(), false);
            case Refused refused -> new Misconfigured(refused.code(), false);
            case TokenReply other -> other;
        };
    }

    /** The value of {@link #code()}, or null when tokens were issued. */
    default @Nullable String error() {
        return this instanceof Granted ? null : code();
    }
}
