package io.nexus.oauth.provider.reply;

/** What the provider says of an access token. */
public enum ValidationReply {
    /** The provider accepted it. */
    VALID,
    /** The provider refused it (401). */
    INVALID,
    /** The profile names nothing to ask. */
    UNSUPPORTED,
    /** No definite answer. */
    UNKNOWN
}
