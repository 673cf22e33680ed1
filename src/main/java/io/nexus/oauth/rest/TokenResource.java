package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.Role;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.token.TokenDemand;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Hands out access tokens by account. */
@Path("/api/v1/token")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tokens")
class TokenResource {

    private final TokenManager tokens;
    private final TokenAnswer answer;
    private final CurrentCaller caller;

    TokenResource(TokenManager tokens, TokenAnswer answer, CurrentCaller caller) {
        this.tokens = tokens;
        this.answer = answer;
        this.caller = caller;
    }

    @GET
    @RolesAllowed(Role.Names.TOKEN_READER)
    @Operation(
            summary = "A valid access token for a user's account",
            description = "min_ttl: seconds it must be good for; max_wait: seconds to wait for a refresh")
    public Uni<Response> byAccount(
            @QueryParam("provider") @Nullable String provider,
            @QueryParam("user") @Nullable String user,
            @QueryParam("min_ttl") @Nullable String minTtl,
            @QueryParam("max_wait") @Nullable String maxWait) {
        Inputs inputs = new Inputs();
        String providerId = inputs.required("provider", provider);
        String userName = inputs.required("user", user);
        TokenDemand demand = answer.demand(inputs, minTtl, maxWait);
        inputs.check();
        AccountKey account = account(caller.get().tenant(), providerId, userName);
        return tokens.getValidToken(account, demand).map(answer::respond);
    }

    private static AccountKey account(TenantId tenant, String provider, String user) {
        try {
            return new AccountKey(tenant, provider, user);
        } catch (IllegalArgumentException e) {
            throw InvalidRequest.of("user", String.valueOf(e.getMessage()));
        }
    }
}
