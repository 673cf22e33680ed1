package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.Role;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.token.TokenDemand;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Hands out access tokens by credential. A class of its own: JAX-RS chooses the class by its path first, and of two classes
 * that fit, {@link CredentialResource} would hide a method of the other.
 */
@Path("/api/v1/credentials/{id}/token")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tokens")
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
    @Operation(summary = "A valid access token of a credential")
    public Uni<Response> byId(
            @PathParam("id") UUID id,
            @QueryParam("min_ttl") @Nullable String minTtl,
            @QueryParam("max_wait") @Nullable String maxWait) {
        Inputs inputs = new Inputs();
        TokenDemand demand = answer.demand(inputs, minTtl, maxWait);
        inputs.check();
        return tokens.getValidToken(new CredentialKey(caller.get().tenant(), id), demand)
                .map(answer::respond);
    }
}
