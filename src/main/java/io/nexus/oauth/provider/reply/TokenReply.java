package io.nexus.oauth.provider.reply;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The verdict on one request to a token endpoint. Each kind asks for another action. */
public sealed interface TokenReply {

    /** A stable code for metrics, the audit trail and {@code last_error}; never a provider's raw text. */
    String code();

    /** Tokens came back. */
    record Granted(TokenResponse response) implements TokenReply {
        @Override
        public String code() {
            return "granted";
        }
    }

    /**
     * Definite: the grant is over and the user has to connect again ({@code invalid_grant} and its kind).
     *
     * @param certain whether it says so beyond doubt; {@code invalid_grant} is also what a provider in trouble says
     */
    record Rejected(String code, boolean certain) implements TokenReply {
        /** A refusal that deserves a second question. */
        public Rejected(String code) {
            this(code, false);
        }
    }

    /** Definite: the request or the client is wrong ({@code invalid_client} ...). Ours to fix: touch no credential. */
    record Misconfigured(String code) implements TokenReply {

        private static final Set<String> WRONG_CLIENT = Set.of("invalid_client", "incorrect_client_credentials");

        /** Whether the code is about the client for certain; any other code may concern one grant only. */
        public boolean blamesClient() {
            return WRONG_CLIENT.contains(code);
        }
    }

    /**
     * Definite: nothing was spent; try again later.
     *
     * @param retryAfter the provider's wish (capped at 15 minutes)
     * @param everybody whether it concerns all credentials of the client (429, 503) and not this one alone
     */
    record Deferred(String code, Optional<Duration> retryAfter, boolean everybody) implements TokenReply {}

    /** The request may have been carried out and its answer lost: the refresh token may be spent. Never treated as failed. */
    record Unknown(String code) implements TokenReply {}

    /** The OAuth error code in {@code code}, or null when there were tokens. */
    default @Nullable String error() {
        return this instanceof Granted ? null : code();
    }
}
