package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.ShredRequest;
import io.nexus.oauth.api.TenantSummaryView;
import io.nexus.oauth.api.TenantView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.keys.TenantShredder;
import io.nexus.oauth.token.CredentialOverview;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Lists, shows and shreds tenants. Shredding cannot be undone, so the caller needs the role admin for all tenants. */
@Path("/api/v1/tenants")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
public class TenantResource {

    private static final int DEFAULT_PAGE_SIZE = 50;
    private static final int MAX_NAME = 64;
    private static final String PART =
            "must be a part of a name: 64 letters, digits, dots, underscores or hyphens at most";

    private final TenantShredder tenants;
    private final CredentialOverview overview;
    private final CurrentCaller caller;

    TenantResource(TenantShredder tenants, CredentialOverview overview, CurrentCaller caller) {
        this.tenants = tenants;
        this.overview = overview;
        this.caller = caller;
    }

    /**
     * Lists the tenants that the caller may name, in the order of their names. The credentials are counted for an admin of all
     * tenants only.
     */
    @GET
    @RolesAllowed({
        Role.Names.TOKEN_READER,
        Role.Names.TOKEN_EXCHANGER,
        Role.Names.CONNECTOR,
        Role.Names.TENANT_ADMIN,
        Role.Names.ADMIN,
        Role.Names.AUDITOR,
        Role.Names.EXPORTER
    })
    public Uni<Page<TenantSummaryView>> list(
            @QueryParam("name") @Nullable String name,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("cursor") @Nullable String cursor) {
        InputErrors errors = new InputErrors();
        int size = limit == null
                ? DEFAULT_PAGE_SIZE
                : errors.converted("limit", DEFAULT_PAGE_SIZE, () -> CredentialResource.size(limit));
        String part = Objects.requireNonNullElse(name, "");
        errors.refuse(part.length() > MAX_NAME || !part.matches("[A-Za-z0-9._-]*"), "name", PART);
        String after =
                cursor == null || cursor.isEmpty() ? "" : errors.converted("cursor", "", () -> Cursor.tenant(cursor));
        errors.check();
        Caller who = caller.get();
        Uni<List<TenantSummaryView>> found = who.tenantNames()
                .map(names -> Uni.createFrom().item(named(names, part, after)))
                .orElseGet(() -> tenants.find(part, after, size + 1)
                        .map(all -> all.stream()
                                .map(each -> summary(each, who.hasInEveryTenant(Role.ADMIN)))
                                .toList()));
        return found.map(all -> page(all, size));
    }

    private static List<TenantSummaryView> named(List<String> names, String part, String after) {
        return names.stream()
                .filter(name -> name.compareTo(after) > 0
                        && name.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT)))
                .map(name -> new TenantSummaryView(name, null, null))
                .toList();
    }

    private static TenantSummaryView summary(TenantShredder.Listed found, boolean counted) {
        return new TenantSummaryView(
                found.id().value(), counted ? found.credentials() : null, counted ? found.shreddedAt() : null);
    }

    private static Page<TenantSummaryView> page(List<TenantSummaryView> found, int size) {
        return found.size() <= size
                ? new Page<>(found, null)
                : new Page<>(found.subList(0, size), Cursor.tenant(found.get(size - 1)));
    }

    @GET
    @Path("/{tenant}")
    public Uni<TenantView> get(@PathParam("tenant") String tenant) {
        return tenants.look(tenant(tenant, admin())).map(this::view);
    }

    @POST
    @Path("/{tenant}/shred")
    public Uni<TenantView> shred(@PathParam("tenant") String tenant, @Nullable ShredRequest request) {
        Caller who = admin();
        boolean force = request != null && Boolean.TRUE.equals(request.force());
        return tenants.shred(tenant(tenant, who), force, who.name()).map(this::view);
    }

    private static TenantId tenant(String tenant, Caller who) {
        InputErrors errors = new InputErrors();
        TenantId found = errors.converted("tenant", TenantId.DEFAULT, () -> who.tenant(tenant, Role.ADMIN));
        errors.check();
        return found;
    }

    private Caller admin() {
        Caller who = caller.get();
        if (!who.hasInEveryTenant(Role.ADMIN)) {
            throw new CredentialException.Forbidden("tenants need the role admin for all tenants");
        }
        return who;
    }

    private TenantView view(TenantShredder.Tenant found) {
        Map<String, Long> credentials = new LinkedHashMap<>();
        credentials.put("active", found.has().active());
        credentials.put("reauth_required", found.has().reauthorizationRequired());
        credentials.put("revoked", found.has().revoked());
        return new TenantView(
                found.id().value(),
                credentials,
                overview.limit(),
                found.has().pending(),
                found.has().clients(),
                found.keyId(),
                found.shreddedAt(),
                found.shreddedBy());
    }
}
