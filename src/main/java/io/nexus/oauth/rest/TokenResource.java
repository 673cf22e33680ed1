package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.TokenQuery;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Issues access tokens by account. */
@Path("/api/v1/token")
@Produces(MediaType.APPLICATION_JSON)
class TokenResource {

    private final TokenManager tokens;
    private final TokenAnswer answer;
    private final ProviderCatalogue catalogue;
    private final CurrentCaller caller;

    TokenResource(TokenManager tokens, TokenAnswer answer, ProviderCatalogue catalogue, CurrentCaller caller) {
        this.tokens = tokens;
        this.answer = answer;
        this.catalogue = catalogue;
        this.caller = caller;
    }

    @GET
    @RolesAllowed(Role.Names.TOKEN_READER)
    public Uni<Response> byAccount(
            @QueryParam("provider") @Nullable String provider,
            @QueryParam("user") @Nullable String user,
            @QueryParam("min_ttl") @Nullable String minTtl,
            @QueryParam("max_wait") @Nullable String maxWait,
            @QueryParam("scope") @Nullable String scope,
            @HeaderParam("If-None-Match") List<String> ifNoneMatch) {
        InputErrors errors = new InputErrors();
        String providerId = errors.required("provider", provider);
        String userName = errors.required("user", user);
        TokenQuery query = answer.query(errors, minTtl, maxWait, scope, EntityTags.held(ifNoneMatch));
        errors.check();
        Caller who = caller.get();
        AccountKey account = account(who.tenant(), providerId, userName);
        return tokens.getValidToken(account, query.within(who.limits(Role.TOKEN_READER)))
                .onFailure(missing -> missing instanceof CredentialException.NotFound
                        && catalogue.find(providerId).isEmpty())
                .transform(missing -> CredentialException.NotFound.atUnknownProvider())
                .map(token -> answer.respond(who, token));
    }

    private static AccountKey account(TenantId tenant, String provider, String user) {
        try {
            return new AccountKey(tenant, provider, user);
        } catch (IllegalArgumentException e) {
            String detail = String.valueOf(e.getMessage());
            throw InvalidRequest.of(detail.startsWith("provider") ? "provider" : "user", detail);
        }
    }
}
