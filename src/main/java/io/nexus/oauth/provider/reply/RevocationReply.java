package io.nexus.oauth.provider.reply;

/** The result of a revocation at the provider. */
public enum RevocationReply {
    /** The provider confirmed it, or did not know the token, which means the same (RFC 7009 section 2.2). */
    REVOKED,
    /** The provider cannot revoke a single grant. */
    UNSUPPORTED,
    /** The provider refused permanently; a retry does not help. */
    REFUSED,
    /** No definite response; the caller retries later. */
    UNKNOWN
}
