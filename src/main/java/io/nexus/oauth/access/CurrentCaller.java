package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.Caller;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** The caller of the current request. */
@ApplicationScoped
public class CurrentCaller {

    private final SecurityIdentity identity;
    private final CurrentIdentityAssociation association;

    CurrentCaller(SecurityIdentity identity, CurrentIdentityAssociation association) {
        this.identity = identity;
        this.association = association;
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

    /**
     * The caller, also where no resource asked who is calling, such as at an unknown address. Empty when the request has no
     * valid credential, or none for its tenant. Non-blocking; does not fail.
     */
    public Uni<Optional<Caller>> find() {
        return association
                .getDeferredIdentity()
                .map(found -> found.getAttribute(CallerMechanism.CALLER) instanceof Caller caller
                        ? Optional.of(caller)
                        : Optional.<Caller>empty())
                .onFailure()
                .recoverWithItem(Optional.empty());
    }
}
