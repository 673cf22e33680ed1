package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.Caller;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;

/** The caller of the current request. */
@ApplicationScoped
public class CurrentCaller {

    private final SecurityIdentity identity;

    CurrentCaller(SecurityIdentity identity) {
        this.identity = identity;
    }

    /**
     * The caller. Throws {@link IllegalStateException} on a route without authentication: such a route has no caller.
     */
    public Caller get() {
        if (identity.getAttribute(CallerMechanism.CALLER) instanceof Caller caller) {
            return caller;
        }
        throw new IllegalStateException("this route does not authenticate its caller");
    }
}
