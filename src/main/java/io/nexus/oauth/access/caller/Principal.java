package io.nexus.oauth.access.caller;

import io.nexus.oauth.credential.TenantId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An authenticated identity, before the tenant of the request is known.
 *
 * @param name the name for the audit trail
 * @param label the name that the pages show
 * @param home the tenant of a request that names none, or null when a request has to name one
 * @param bindings its roles; without any it has no permission
 */
public record Principal(String name, String label, @Nullable TenantId home, List<RoleBinding> bindings) {

    /** A principal that the pages show by its name. */
    public Principal(String name, @Nullable TenantId home, List<RoleBinding> bindings) {
        this(name, name, home, bindings);
    }

    /** A principal whose home is the tenant of its bindings, if they all name the same one. */
    public static Principal of(String name, List<RoleBinding> bindings) {
        return of(name, name, bindings);
    }

    /** As {@link #of(String, List)}, for a principal that the pages show as {@code label}. */
    public static Principal of(String name, String label, List<RoleBinding> bindings) {
        Set<TenantId> tenants = new HashSet<>();
        boolean everywhere = false;
        for (RoleBinding binding : bindings) {
            everywhere |= binding.tenants() == null;
            tenants.addAll(binding.tenants() == null ? Set.of() : binding.tenants());
        }
        return new Principal(
                name,
                label,
                !everywhere && tenants.size() == 1 ? tenants.iterator().next() : null,
                List.copyOf(bindings));
    }

    /** The caller of a request that names the tenants {@code named}. */
    public Caller asCaller(List<String> named) {
        TenantId own = home == null ? TenantId.DEFAULT : home;
        if (named.isEmpty()) {
            return new Caller(this, home, own, bindings);
        }
        TenantId tenant = named.size() == 1 ? parsed(named.getFirst()) : null;
        if (tenant == null) {
            return new Caller(this, null, own, bindings);
        }
        List<RoleBinding> there =
                bindings.stream().filter(binding -> binding.covers(tenant)).toList();
        return new Caller(this, tenant, there.isEmpty() ? own : tenant, there);
    }

    private static @Nullable TenantId parsed(String text) {
        try {
            return new TenantId(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
