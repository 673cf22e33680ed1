package io.nexus.oauth.access;

import io.nexus.oauth.credential.TenantId;
import java.util.Set;

/**
 * Who is calling. Only the authenticator of this package builds one, so a tenant in a {@code Caller} is a proven one.
 */
public final class Caller {

    private final String name;
    private final TenantId tenant;
    private final Set<Role> roles;

    Caller(String name, TenantId tenant, Set<Role> roles) {
        this.name = name;
        this.tenant = tenant;
        this.roles = Set.copyOf(roles);
    }

    /** The name for the audit trail. */
    public String name() {
        return name;
    }

    /** The one tenant the caller acts for. */
    public TenantId tenant() {
        return tenant;
    }

    /** What the caller may do. */
    public Set<Role> roles() {
        return roles;
    }
}
