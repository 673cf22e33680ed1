package io.nexus.oauth.provider.egress;

import io.vertx.core.MultiMap;

/** How one HTTP request ended, told by phase: what is certain to have happened and what is not. */
public sealed interface ExchangeResult {

    /** A complete answer. The body is text of at most the cap. */
    record Complete(int status, MultiMap headers, String body) implements ExchangeResult {

        /** Without headers and body: tokens are in them. */
        @Override
        public String toString() {
            return "Complete[status=" + status + "]";
        }
    }

    /** Definite: failed before the first byte of the request was written. {@code code} is a stable code of ours. */
    record NotSent(String code) implements ExchangeResult {

        /** The host was found, and is where we do not talk to anybody. */
        public static final String FORBIDDEN = "forbidden_address";

        public boolean isForbidden() {
            return code.equals(FORBIDDEN);
        }
    }

    /** The request may have arrived; its answer did not, or not whole. {@code code} is a stable code of ours. */
    record Lost(String code) implements ExchangeResult {}
}
