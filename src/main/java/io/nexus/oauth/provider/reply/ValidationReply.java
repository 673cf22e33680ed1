package io.nexus.oauth.provider.reply;

/** The provider's verdict on an access token. */
public enum ValidationReply {
    /** The provider accepted it. */
    VALID,
    /** The provider refused it (401). */
    INVALID,
    /** The profile has no endpoint to validate it at. */
    UNSUPPORTED,
    /** No definite response. */
    UNKNOWN
}
