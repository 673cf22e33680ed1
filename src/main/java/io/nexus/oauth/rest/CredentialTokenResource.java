package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.TokenView;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Issues access tokens by credential. It is a separate class with its own path: JAX-RS selects a class by its path first, so
 * {@link CredentialResource} would hide its methods otherwise.
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
    @Operation(
            summary = "Issues a valid access token of a credential",
            description =
                    "min_ttl: seconds of remaining validity; max_wait: seconds to wait for a refresh; scope: required scopes,"
                            + " separated by spaces. Cache the token until cache_until. If the API rejects it, report the rejection")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = TokenView.class)))
    @APIResponse(
            responseCode = "304",
            description = "the caller already has this token: If-None-Match contains its ETag")
    @APIResponse(
            responseCode = "409",
            description = "reauthorization-required, or insufficient-scope with missing_scopes")
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
