package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.TokenQuery;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Issues access tokens by credential. It is a separate class with its own path: JAX-RS selects a class by its path first, so
 * {@link CredentialResource} would hide its methods otherwise.
 */
@Path("/api/v1/credentials/{id}/token")
@Produces(MediaType.APPLICATION_JSON)
class CredentialTokenResource {

    private final TokenManager tokens;
    private final TokenAnswer answer;
    private final CurrentCaller caller;

    CredentialTokenResource(TokenManager tokens, TokenAnswer answer, CurrentCaller caller) {
        this.tokens = tokens;
        this.answer = answer;
        this.caller = caller;
    }

    @GET
    @RolesAllowed(Role.Names.TOKEN_READER)
    public Uni<Response> byId(
            @PathParam("id") UUID id,
            @QueryParam("min_ttl") @Nullable String minTtl,
            @QueryParam("max_wait") @Nullable String maxWait,
            @QueryParam("scope") @Nullable String scope,
            @HeaderParam("If-None-Match") List<String> ifNoneMatch) {
        InputErrors errors = new InputErrors();
        TokenQuery query = answer.query(errors, minTtl, maxWait, scope, EntityTags.held(ifNoneMatch));
        errors.check();
        Caller who = caller.get();
        return tokens.getValidToken(new CredentialKey(who.tenant(), id), query.within(who.limits(Role.TOKEN_READER)))
                .map(token -> answer.respond(who, token));
    }
}
