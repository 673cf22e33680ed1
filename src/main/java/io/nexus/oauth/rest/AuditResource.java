package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.Role;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.audit.AuditLog;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The tenant's audit trail. */
@Path("/api/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "audit")
class AuditResource {

    private static final int PAGE = 50;

    private final AuditLog audit;
    private final CurrentCaller caller;

    AuditResource(AuditLog audit, CurrentCaller caller) {
        this.audit = audit;
        this.caller = caller;
    }

    @GET
    @RolesAllowed({Role.Names.AUDITOR, Role.Names.TENANT_ADMIN})
    @Operation(summary = "The audit trail, the oldest first; cursor: the number of the last entry seen")
    public Uni<Page<AuditEntryView>> list(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        Inputs inputs = new Inputs();
        int size = limit == null ? PAGE : inputs.converted("limit", PAGE, () -> CredentialResource.size(limit));
        long after = cursor == null ? 0 : inputs.converted("cursor", 0L, () -> number(cursor));
        inputs.check();
        return audit.page(caller.get().tenant(), after, size + 1).map(found -> {
            List<AuditEntryView> shown =
                    found.stream().limit(size).map(Views::audit).toList();
            String next = found.size() > size ? String.valueOf(shown.getLast().id()) : null;
            return new Page<>(shown, next);
        });
    }

    private static long number(String cursor) {
        if (!cursor.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("is not a cursor of this list");
        }
        return Long.parseLong(cursor);
    }
}
