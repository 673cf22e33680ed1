package io.nexus.oauth.access.caller;

import io.nexus.oauth.credential.TenantId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who was authenticated, before it is known for which tenant it calls.
 *
 * @param name for the audit trail
 * @param home the tenant it calls for when the request names none, or null when it has to name one
 * @param grants what it may do; without one it may do nothing
 */
public record Principal(String name, @Nullable TenantId home, List<RoleBinding> grants) {

    /** At home in the one tenant of its grants, if it is one. */
    public static Principal of(String name, List<RoleBinding> grants) {
        Set<TenantId> tenants = new HashSet<>();
        boolean everywhere = false;
        for (RoleBinding grant : grants) {
            everywhere |= grant.tenants() == null;
            tenants.addAll(grant.tenants() == null ? Set.of() : grant.tenants());
        }
        return new Principal(
                name, !everywhere && tenants.size() == 1 ? tenants.iterator().next() : null, List.copyOf(grants));
    }

    /** As the caller of a request that names the tenants {@code named}. */
    public Caller calling(List<String> named) {
        TenantId own = home == null ? TenantId.DEFAULT : home;
        if (named.isEmpty()) {
            return new Caller(name, home, own, grants, grants);
        }
        TenantId tenant = named.size() == 1 ? parsed(named.getFirst()) : null;
        if (tenant == null) {
            return new Caller(name, null, own, grants, grants);
        }
        List<RoleBinding> there =
                grants.stream().filter(grant -> grant.covers(tenant)).toList();
        return new Caller(name, tenant, there.isEmpty() ? own : tenant, there, grants);
    }

    private static @Nullable TenantId parsed(String text) {
        try {
            return new TenantId(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
