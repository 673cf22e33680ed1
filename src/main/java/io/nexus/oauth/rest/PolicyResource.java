package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.access.policy.Policy;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.PolicyRequest;
import io.nexus.oauth.api.PolicyView;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.credential.CredentialException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Manages access policies of callers without API keys. A policy can span tenants, so it needs the role admin for all. */
@Path("/api/v1/policies")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
public class PolicyResource {

    private final Policies policies;
    private final CurrentCaller caller;

    PolicyResource(Policies policies, CurrentCaller caller) {
        this.policies = policies;
        this.caller = caller;
    }

    @GET
    public Uni<Page<PolicyView>> list() {
        admin();
        return policies.all()
                .map(all -> new Page<>(all.stream().map(PolicyResource::view).toList(), null));
    }

    @PUT
    @Path("/{name}")
    public Uni<PolicyView> put(@PathParam("name") String name, @Nullable PolicyRequest request) {
        Caller admin = admin();
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        Policy policy = new Policy(
                name,
                request.issuer(),
                request.subject(),
                request.tenants(),
                request.roles(),
                request.providers(),
                request.users(),
                request.scopes());
        List<Problem.Error> errors = policy.faults().stream()
                .map(fault ->
                        new Problem.Error(fault.pointer().equals("/name") ? "name" : fault.pointer(), fault.detail()))
                .toList();
        if (!errors.isEmpty()) {
            throw new InvalidRequest(errors);
        }
        return policies.save(policy, admin).map(PolicyResource::view);
    }

    @DELETE
    @Path("/{name}")
    @Consumes(MediaType.WILDCARD)
    public Uni<Response> delete(@PathParam("name") String name) {
        return policies.remove(name, admin()).map(gone -> {
            if (!gone) {
                throw new NotFoundException();
            }
            return Response.noContent().build();
        });
    }

    private Caller admin() {
        Caller who = caller.get();
        if (!who.hasInEveryTenant(Role.ADMIN)) {
            throw new CredentialException.Forbidden("policies need the role admin for all tenants");
        }
        return who;
    }

    private static PolicyView view(Policies.Entry entry) {
        Policy policy = entry.policy();
        return new PolicyView(
                policy.name(),
                entry.updatedAt() == null ? "file" : "api",
                entry.state().name().toLowerCase(Locale.ROOT),
                policy.issuer(),
                policy.subject(),
                policy.tenants(),
                policy.roles(),
                policy.providers(),
                policy.users(),
                policy.scopes(),
                entry.updatedBy(),
                entry.updatedAt());
    }
}
