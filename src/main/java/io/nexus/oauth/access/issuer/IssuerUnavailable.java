package io.nexus.oauth.access.issuer;

/** The keys of a caller's issuer cannot be had now, so nobody knows whether its token is good. */
public final class IssuerUnavailable extends RuntimeException {

    /** {@code reason} is for the log. */
    IssuerUnavailable(String reason) {
        super(reason, null, false, false);
    }
}
