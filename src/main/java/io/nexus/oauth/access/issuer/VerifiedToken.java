package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.caller.RoleBinding;
import io.nexus.oauth.access.policy.Policies.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whose a verified token is, and until when. Remembers what the policies grant, until they change. */
final class VerifiedToken {

    private final Identity identity;
    private final Instant end;
    private volatile @Nullable Granted granted;

    public VerifiedToken(Identity identity, Instant end) {
        this.identity = identity;
        this.end = end;
    }

    Identity identity() {
        return identity;
    }

    /** When it is over, the leeway included. */
    Instant end() {
        return end;
    }

    /** With what the claims and the policies grant. */
    @SuppressWarnings("ReferenceEquality")
    public Principal under(Snapshot policies) {
        Granted known = granted;
        if (known == null || known.by() != policies) {
            List<RoleBinding> grants = new ArrayList<>(identity.claimed());
            grants.addAll(policies.grants(identity.issuer(), identity.subject()));
            known = new Granted(policies, Principal.of(identity.name(), grants));
            granted = known;
        }
        return known.principal();
    }

    private record Granted(Snapshot by, Principal principal) {}
}
