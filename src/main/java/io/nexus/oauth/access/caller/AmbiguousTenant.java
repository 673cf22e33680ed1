package io.nexus.oauth.access.caller;

/** The request does not name one tenant for which the caller may act, and the caller has no default tenant. */
public final class AmbiguousTenant extends RuntimeException {

    /** The problem code of this error. */
    public static final String CODE = "tenant_unclear";

    AmbiguousTenant() {
        super("name one tenant: the caller may act for several, or not for the named one", null, false, false);
    }
}
