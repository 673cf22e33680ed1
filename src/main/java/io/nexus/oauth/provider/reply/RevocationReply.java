package io.nexus.oauth.provider.reply;

import io.nexus.oauth.provider.catalogue.ProviderProfile.Errors;
import java.util.Locale;

/** The result of a revocation at the provider. */
public enum RevocationReply {
    /** The provider confirmed it, or did not know the token, which means the same (RFC 7009 section 2.2). */
    REVOKED,
    /** The provider cannot revoke a single grant. */
    UNSUPPORTED,
    /** The provider refused permanently; a retry does not help. */
    REFUSED,
    /** No definite response; the caller retries later. */
    UNKNOWN;

    /** Whether {@code error} says that the provider limits the rate of requests, so that a retry helps. */
    public static boolean isRateLimit(String error, Errors vendor) {
        return FailureRules.isRateLimit(error.toLowerCase(Locale.ROOT), vendor);
    }
}
