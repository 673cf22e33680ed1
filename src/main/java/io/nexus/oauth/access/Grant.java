package io.nexus.oauth.access;

import io.nexus.oauth.credential.Reach;
import io.nexus.oauth.credential.TenantId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that a caller may do.
 *
 * @param tenants in these tenants; null stands for every tenant
 * @param roles what
 * @param limit to which credentials
 */
record Grant(@Nullable Set<TenantId> tenants, Set<Role> roles, Reach.Part limit) {

    /** Copies the sets. */
    Grant {
        tenants = tenants == null ? null : Set.copyOf(tenants);
        roles = Set.copyOf(roles);
    }

    boolean covers(TenantId tenant) {
        return tenants == null || tenants.contains(tenant);
    }
}
