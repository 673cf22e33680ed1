package io.nexus.oauth.provider.egress;

import io.vertx.core.MultiMap;

/**
 * The result of one HTTP request. It says whether the request was certainly not sent, possibly received, or answered.
 */
public sealed interface ExchangeResult {

    /**
     * A complete response. The body has at most {@link HttpExchange.Call#cap()} bytes; its content codings are undone
     * and its byte order mark is removed.
     */
    record Complete(int status, MultiMap headers, String body) implements ExchangeResult {

        /** Omits headers and body, because they contain tokens. */
        @Override
        public String toString() {
            return "Complete[status=" + status + "]";
        }
    }

    /** Definite: the request failed before its first byte was written. {@code code} is a stable code of the service. */
    record NotSent(String code) implements ExchangeResult {

        /** The host resolves to addresses that the service does not connect to. */
        public static final String FORBIDDEN = "forbidden_address";

        public boolean isForbidden() {
            return code.equals(FORBIDDEN);
        }
    }

    /** The request may have arrived, but no complete response came. {@code code} is a stable code of the service. */
    record Lost(String code) implements ExchangeResult {}
}
