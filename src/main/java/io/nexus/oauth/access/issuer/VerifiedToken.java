package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.caller.RoleBinding;
import io.nexus.oauth.access.policy.Policies.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The identity in a verified token, and its expiry. Caches the role bindings of the policies until they change. */
final class VerifiedToken {

    private final Identity identity;
    private final Instant expiresAt;
    private volatile @Nullable CachedPrincipal cached;

    public VerifiedToken(Identity identity, Instant expiresAt) {
        this.identity = identity;
        this.expiresAt = expiresAt;
    }

    Identity identity() {
        return identity;
    }

    /** When the token expires, including the leeway. */
    Instant expiresAt() {
        return expiresAt;
    }

    /** The principal with the role bindings of the claims and of {@code policies}. */
    @SuppressWarnings("ReferenceEquality")
    public Principal under(Snapshot policies) {
        CachedPrincipal known = cached;
        if (known == null || known.by() != policies) {
            List<RoleBinding> bindings = new ArrayList<>(identity.claimed());
            bindings.addAll(policies.bindings(identity.issuer(), identity.subject()));
            known = new CachedPrincipal(policies, Principal.of(identity.name(), identity.label(), bindings));
            cached = known;
        }
        return known.principal();
    }

    private record CachedPrincipal(Snapshot by, Principal principal) {}
}
