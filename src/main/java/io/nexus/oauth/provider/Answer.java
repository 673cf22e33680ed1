package io.nexus.oauth.provider;

import io.vertx.core.MultiMap;

/** How one HTTP request ended, told by phase: what is certain to have happened and what is not. */
sealed interface Answer {

    /** A complete answer. The body is text of at most the cap. */
    record Complete(int status, MultiMap headers, String body) implements Answer {}

    /** Definite: failed before the first byte of the request was written. */
    record NotSent() implements Answer {}

    /** The request may have arrived; its answer did not, or not whole. {@code code} is a stable code of ours. */
    record Lost(String code) implements Answer {}
}
