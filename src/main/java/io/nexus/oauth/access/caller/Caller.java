package io.nexus.oauth.access.caller;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantId;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is calling, and for which tenant. Only the authenticator of this package builds one, so a tenant that comes out of a {@code
 * Caller} is a proven one.
 */
public final class Caller {

    private final String name;
    private final @Nullable TenantId tenant;
    private final TenantId trail;
    private final List<RoleBinding> grants;
    private final Set<Role> roles;
    private final List<RoleBinding> all;

    /**
     * With the grants that count in {@code tenant}; null when the request has to name one and does not.
     *
     * @param trail the tenant whose audit trail tells what was denied
     * @param all what the caller may do in whatever tenant
     */
    Caller(String name, @Nullable TenantId tenant, TenantId trail, List<RoleBinding> grants, List<RoleBinding> all) {
        this.name = name;
        this.tenant = tenant;
        this.trail = trail;
        this.grants = grants;
        this.all = all;
        this.roles = EnumSet.noneOf(Role.class);
        grants.stream()
                .filter(grant -> tenant == null || grant.covers(tenant))
                .forEach(grant -> roles.addAll(grant.roles()));
    }

    /** The name for the audit trail. */
    public String name() {
        return name;
    }

    /** The one tenant that this request is for. Throws {@link AmbiguousTenant} when the request does not say which. */
    public TenantId tenant() {
        if (tenant == null) {
            throw new AmbiguousTenant();
        }
        return tenant;
    }

    /**
     * The tenant whose audit trail tells what this caller was denied: that of the request if a grant covers it, else the caller's
     * home or the default. Nobody writes into the trail of a tenant that he only names.
     */
    public TenantId trail() {
        return trail;
    }

    /**
     * The tenant called {@code named}, in which the caller has {@code role}. Throws {@link CredentialException.BeyondReach} when it
     * has not, and {@link IllegalArgumentException} when no tenant is called so.
     */
    public TenantId tenant(String named, Role role) {
        TenantId wanted = new TenantId(named);
        if (grants.stream().noneMatch(grant -> grant.roles().contains(role) && grant.covers(wanted))) {
            throw new CredentialException.BeyondReach("none of the caller's grants covers that tenant");
        }
        return wanted;
    }

    /** What the caller may do in the tenant of this request. */
    public Set<Role> roles() {
        return Set.copyOf(roles);
    }

    /** Whether there is more than one tenant that the caller may name. */
    public boolean actsForSeveral() {
        return all.stream().anyMatch(grant -> grant.tenants() == null)
                || all.stream()
                                .flatMap(grant -> Objects.requireNonNull(grant.tenants()).stream())
                                .distinct()
                                .count()
                        > 1;
    }

    /** Whether the caller has {@code role} in every tenant. */
    public boolean hasEverywhere(Role role) {
        return grants.stream()
                .anyMatch(grant -> grant.tenants() == null && grant.roles().contains(role));
    }

    /** Which of the tenant's credentials the caller may touch in any of the roles {@code as}. */
    public AccessLimits reach(Role... as) {
        TenantId present = tenant();
        return AccessLimits.of(grants.stream()
                .filter(grant -> grant.covers(present)
                        && List.of(as).stream().anyMatch(role -> grant.roles().contains(role)))
                .map(RoleBinding::limit)
                .toList());
    }
}
