package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.RejectionRequest;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.TokenQuery;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Accepts reports of rejected tokens and issues a valid one. Separate for the reason in {@link CredentialTokenResource}. */
@Path("/api/v1/credentials/{id}/rejected")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
class RejectedTokenResource {

    private final TokenManager tokens;
    private final TokenAnswer answer;
    private final CurrentCaller caller;

    RejectedTokenResource(TokenManager tokens, TokenAnswer answer, CurrentCaller caller) {
        this.tokens = tokens;
        this.answer = answer;
        this.caller = caller;
    }

    @POST
    @RolesAllowed(Role.Names.TOKEN_READER)
    public Uni<Response> rejected(
            @PathParam("id") UUID id,
            @QueryParam("min_ttl") @Nullable String minTtl,
            @QueryParam("max_wait") @Nullable String maxWait,
            @Nullable RejectionRequest request) {
        InputErrors errors = new InputErrors();
        TokenQuery query = answer.query(errors, minTtl, maxWait, null, TokenQuery.KnownVersions.NONE);
        Long version = request == null ? null : request.version();
        errors.refuse(version == null, "/version", "is required");
        errors.refuse(version != null && version < 1, "/version", "must be 1 or more");
        errors.check();
        Caller who = caller.get();
        return tokens.reportRejected(
                        new CredentialKey(who.tenant(), id),
                        version == null ? 0 : version,
                        query.within(who.limits(Role.TOKEN_READER)))
                .map(token -> answer.respondWhole(who, token));
    }
}
