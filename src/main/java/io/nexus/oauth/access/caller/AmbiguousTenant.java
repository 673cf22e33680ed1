package io.nexus.oauth.access.caller;

/** The caller acts for several tenants, and the request does not name one of them. */
public final class AmbiguousTenant extends RuntimeException {

    /** The code that says so in an answer. */
    public static final String CODE = "tenant_unclear";

    AmbiguousTenant() {
        super("name one tenant: the caller acts for several, or for none of that name", null, false, false);
    }
}
