package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.KeyView;
import io.nexus.oauth.api.KeysView;
import io.nexus.oauth.api.RotationView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.keys.MasterKeys;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Lists and rotates the master keys. They encrypt the data of all tenants, so the caller needs the role admin for all. */
@Path("/api/v1/keys")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
public class KeyResource {

    private final MasterKeys keys;
    private final CurrentCaller caller;

    KeyResource(MasterKeys keys, CurrentCaller caller) {
        this.keys = keys;
        this.caller = caller;
    }

    @GET
    public Uni<KeysView> list() {
        admin();
        return keys.report().map(KeyResource::view);
    }

    @POST
    @Path("/rotate")
    public Uni<Response> rotate() {
        Caller who = admin();
        return keys.rotate(who.name(), who.tenant())
                .map(report -> Response.accepted(view(report)).build());
    }

    private Caller admin() {
        Caller who = caller.get();
        if (!who.hasInEveryTenant(Role.ADMIN)) {
            throw new CredentialException.Forbidden("master keys need the role admin for all tenants");
        }
        return who;
    }

    private static KeysView view(MasterKeys.Report report) {
        return new KeysView(
                report.keys().stream()
                        .map(key -> new KeyView(
                                key.id(),
                                key.role(),
                                key.rows(),
                                key.replicas(),
                                key.journals(),
                                key.audit(),
                                key.retirable()))
                        .toList(),
                report.countedAt(),
                report.counting(),
                rotation(report));
    }

    private static @Nullable RotationView rotation(MasterKeys.Report report) {
        return report.rotation()
                .map(found -> new RotationView(
                        found.keyId(),
                        found.running() ? "running" : "done",
                        found.done(),
                        found.total(),
                        found.unreadable(),
                        found.startedBy(),
                        found.startedAt(),
                        found.updatedAt(),
                        found.endedAt()))
                .orElse(null);
    }
}
