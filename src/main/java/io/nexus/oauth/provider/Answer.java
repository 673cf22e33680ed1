package io.nexus.oauth.provider;

import io.vertx.core.MultiMap;

/** How one HTTP request ended, told by phase: what is certain to have happened and what is not. */
sealed interface Answer {

    /** A complete answer. The body is text of at most the cap. */
    record Complete(int status, MultiMap headers, String body) implements Answer {

        /** Without headers and body: tokens are in them. */
        @Override
        public String toString() {
            return "Complete[status=" + status + "]";
        }
    }

    /** Definite: failed before the first byte of the request was written. {@code code} is a stable code of ours. */
    record NotSent(String code) implements Answer {

        /** The host was found, and is where we do not talk to anybody. */
        static final String FORBIDDEN = "forbidden_address";

        boolean isForbidden() {
            return code.equals(FORBIDDEN);
        }
    }

    /** The request may have arrived; its answer did not, or not whole. {@code code} is a stable code of ours. */
    record Lost(String code) implements Answer {}
}
