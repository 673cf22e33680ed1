package io.nexus.oauth.provider.reply;

/** What became of a revocation at the provider. */
public enum RevocationReply {
    /** The provider confirmed it, or did not know the token (RFC 7009 section 2.2: the same thing). */
    REVOKED,
    /** The provider has no revocation for one grant. */
    UNSUPPORTED,
    /** The provider refused for good: asking again would not help. */
    REFUSED,
    /** No definite answer: ask again later. */
    UNKNOWN
}
