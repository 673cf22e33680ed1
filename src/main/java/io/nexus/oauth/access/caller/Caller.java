package io.nexus.oauth.access.caller;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantId;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The authenticated caller of a request, and its tenant. Only {@link Principal} creates one, so the tenant of a {@code
 * Caller} is always authorized.
 */
public final class Caller {

    private final Principal principal;
    private final @Nullable TenantId tenant;
    private final TenantId auditTenant;
    private final List<RoleBinding> bindings;
    private final Set<Role> roles;

    /**
     * A caller with the role bindings for {@code tenant}; null when the request has to name a tenant and does not.
     *
     * @param auditTenant the tenant whose audit trail records denials
     */
    Caller(Principal principal, @Nullable TenantId tenant, TenantId auditTenant, List<RoleBinding> bindings) {
        this.principal = principal;
        this.tenant = tenant;
        this.auditTenant = auditTenant;
        this.bindings = bindings;
        this.roles = EnumSet.noneOf(Role.class);
        bindings.stream()
                .filter(binding -> tenant == null || binding.covers(tenant))
                .forEach(binding -> roles.addAll(binding.roles()));
    }

    /** The name for the audit trail. */
    public String name() {
        return principal.name();
    }

    /** The name that the pages show, such as that of a person. Not for the audit trail: two people can share it. */
    public String label() {
        return principal.label();
    }

    /** The tenant of this request. Throws {@link AmbiguousTenant} when the request has to name one and does not. */
    public TenantId tenant() {
        if (tenant == null) {
            throw new AmbiguousTenant();
        }
        return tenant;
    }

    /** Whether the request has a tenant, so that {@link #tenant()} does not throw. */
    public boolean hasTenant() {
        return tenant != null;
    }

    /**
     * The tenant whose audit trail records denials: that of the request if a binding covers it, otherwise the caller's
     * home or the default. So a caller cannot write into the audit trail of a tenant by naming it.
     */
    public TenantId auditTenant() {
        return auditTenant;
    }

    /**
     * The tenant {@code named}, in which the caller has {@code role}. Throws {@link CredentialException.Forbidden}
     * when the caller does not have the role there, and {@link IllegalArgumentException} when {@code named} is not a
     * valid name.
     */
    public TenantId tenant(String named, Role role) {
        TenantId wanted = new TenantId(named);
        if (bindings.stream().noneMatch(binding -> binding.roles().contains(role) && binding.covers(wanted))) {
            throw new CredentialException.Forbidden("the caller has no such role in that tenant");
        }
        return wanted;
    }

    /** The caller's roles in the tenant of this request. */
    public Set<Role> roles() {
        return Set.copyOf(roles);
    }

    /** Whether the caller may name more than one tenant. */
    public boolean actsForSeveralTenants() {
        return tenantNames().map(names -> names.size() > 1).orElse(true);
    }

    /** The names of the tenants that the caller may name, in order; empty when it may name every tenant. */
    public Optional<List<String>> tenantNames() {
        List<RoleBinding> all = principal.bindings();
        return all.stream().anyMatch(binding -> binding.tenants() == null)
                ? Optional.empty()
                : Optional.of(all.stream()
                        .flatMap(binding -> Objects.requireNonNull(binding.tenants()).stream())
                        .map(TenantId::value)
                        .distinct()
                        .sorted()
                        .toList());
    }

    /** Whether the caller has {@code role} in every tenant. */
    public boolean hasInEveryTenant(Role role) {
        return bindings.stream()
                .anyMatch(
                        binding -> binding.tenants() == null && binding.roles().contains(role));
    }

    /** The limits of the caller's access to the tenant's credentials, in any of the roles {@code as}. */
    public AccessLimits limits(Role... as) {
        TenantId current = tenant();
        return AccessLimits.of(bindings.stream()
                .filter(binding -> binding.covers(current)
                        && List.of(as).stream().anyMatch(role -> binding.roles().contains(role)))
                .map(RoleBinding::limit)
                .toList());
    }
}
