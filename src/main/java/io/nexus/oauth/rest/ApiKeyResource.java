package io.nexus.oauth.rest;

import io.nexus.oauth.access.ApiKeys;
import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ApiKeyRequest;
import io.nexus.oauth.api.ApiKeyView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Lists, issues and revokes API keys of a tenant. Needs the role admin. */
@Path("/api/v1/api-keys")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
public class ApiKeyResource {

    private final ApiKeys keys;
    private final CurrentCaller caller;

    ApiKeyResource(ApiKeys keys, CurrentCaller caller) {
        this.keys = keys;
        this.caller = caller;
    }

    @GET
    public Uni<Page<ApiKeyView>> list() {
        return keys.list(caller.get().tenant())
                .map(all -> new Page<>(
                        all.stream().map(key -> ViewMapper.apiKey(key, null)).toList(), null));
    }

    @POST
    public Uni<Response> issue(@Nullable ApiKeyRequest request) {
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        Caller who = caller.get();
        InputErrors errors = new InputErrors();
        String name = errors.required("/name", request.name());
        errors.converted(
                "/name", name, () -> name.isEmpty() ? name : Identifiers.check("a name", name, ApiKeys.MAX_NAME));
        String named = request.tenant();
        Optional<TenantId> tenant = named == null
                ? Optional.of(who.tenant())
                : errors.converted("/tenant", Optional.empty(), () -> Optional.of(who.tenant(named, Role.ADMIN)));
        List<String> labels = Objects.requireNonNullElse(request.roles(), List.of());
        boolean unknown = labels.stream().anyMatch(label -> Role.of(label).isEmpty());
        errors.refuse(unknown, "/roles", "must be one of " + Role.labels());
        errors.refuse(labels.isEmpty(), "/roles", "must name at least one of " + Role.labels());
        Optional<Duration> lifetime = errors.converted(
                "/expires_in",
                Optional.empty(),
                () -> Optional.ofNullable(request.expiresIn()).map(keys::lifetime));
        errors.check();
        Set<Role> roles =
                labels.stream().map(Role::of).flatMap(Optional::stream).collect(Collectors.toSet());
        return keys.issue(tenant.orElseThrow(), name, roles, lifetime, who)
                .map(issued -> Response.status(201)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .entity(ViewMapper.apiKey(issued.key(), issued.text().reveal()))
                        .build());
    }

    @DELETE
    @Path("/{id}")
    @Consumes(MediaType.WILDCARD)
    public Uni<Response> revoke(@PathParam("id") String id) {
        Caller who = caller.get();
        return keys.revoke(who.tenant(), id, who).map(gone -> {
            if (!gone) {
                throw new NotFoundException();
            }
            return Response.noContent().build();
        });
    }
}
