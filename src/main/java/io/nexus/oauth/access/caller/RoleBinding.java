package io.nexus.oauth.access.caller;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.TenantId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Roles of a caller in some tenants.
 *
 * @param tenants the tenants; null stands for every tenant
 * @param roles the roles
 * @param limit the credentials that the roles apply to
 */
public record RoleBinding(@Nullable Set<TenantId> tenants, Set<Role> roles, AccessLimits.Part limit) {

    /** Copies the sets. */
    public RoleBinding {
        tenants = tenants == null ? null : Set.copyOf(tenants);
        roles = Set.copyOf(roles);
    }

    boolean covers(TenantId tenant) {
        return tenants == null || tenants.contains(tenant);
    }
}
