package io.nexus.oauth.access.issuer;

/** The issuer cannot be reached or gives no usable response, so the service cannot verify its tokens now. */
public final class IssuerUnavailable extends RuntimeException {

    /** {@code reason} goes to the log only. */
    IssuerUnavailable(String reason) {
        super(reason, null, false, false);
    }
}
