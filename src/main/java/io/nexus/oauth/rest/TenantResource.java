package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ShredRequest;
import io.nexus.oauth.api.TenantView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.keys.TenantShredder;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Shows and shreds tenants. Shredding cannot be undone, so the caller needs the role admin for all tenants. */
@Path("/api/v1/tenants/{tenant}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
class TenantResource {

    private final TenantShredder tenants;
    private final CurrentCaller caller;

    TenantResource(TenantShredder tenants, CurrentCaller caller) {
        this.tenants = tenants;
        this.caller = caller;
    }

    @GET
    public Uni<TenantView> get(@PathParam("tenant") String tenant) {
        return tenants.look(admin().tenant(tenant, Role.ADMIN)).map(TenantResource::view);
    }

    @POST
    @Path("/shred")
    public Uni<TenantView> shred(@PathParam("tenant") String tenant, @Nullable ShredRequest request) {
        Caller who = admin();
        boolean force = request != null && Boolean.TRUE.equals(request.force());
        return tenants.shred(who.tenant(tenant, Role.ADMIN), force, who.name()).map(TenantResource::view);
    }

    private Caller admin() {
        Caller who = caller.get();
        if (!who.hasInEveryTenant(Role.ADMIN)) {
            throw new CredentialException.Forbidden("tenants need the role admin for all tenants");
        }
        return who;
    }

    private static TenantView view(TenantShredder.Tenant found) {
        Map<String, Long> credentials = new LinkedHashMap<>();
        credentials.put("active", found.has().active());
        credentials.put("reauth_required", found.has().reauthorizationRequired());
        credentials.put("revoked", found.has().revoked());
        return new TenantView(
                found.id().value(),
                credentials,
                found.has().pending(),
                found.has().clients(),
                found.keyId(),
                found.shreddedAt(),
                found.shreddedBy());
    }
}
