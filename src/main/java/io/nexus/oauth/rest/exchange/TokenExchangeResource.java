package io.nexus.oauth.rest.exchange;

import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.audit.AuditRecorder;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.rest.exchange.ActingClients.Acting;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.TokenQuery;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The token endpoint (RFC 6749 section 3.2). A client exchanges the token of its user for the access token of that user's
 * account. Without client authentication the user is the caller. It authenticates by itself: the form may name the client.
 */
@Path(TokenEndpointClients.PATH)
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
class TokenExchangeResource {

    private static final Role[] ROLES = {Role.TOKEN_EXCHANGER, Role.TOKEN_READER};

    private final ActingClients clients;
    private final TokenManager tokens;
    private final ProviderCatalogue catalogue;
    private final ConnectLinks links;
    private final PublicUrl publicUrl;
    private final AuditRecorder audit;
    private final Clock clock;

    TokenExchangeResource(
            ActingClients clients,
            TokenManager tokens,
            ProviderCatalogue catalogue,
            ConnectLinks links,
            PublicUrl publicUrl,
            AuditRecorder audit,
            Clock clock) {
        this.clients = clients;
        this.tokens = tokens;
        this.catalogue = catalogue;
        this.links = links;
        this.publicUrl = publicUrl;
        this.audit = audit;
        this.clock = clock;
    }

    /** Issues the access token. */
    @POST
    @Consumes(MediaType.WILDCARD) // the answer to another type has the form of RFC 6749, too
    public Uni<Response> token(@Nullable String body, @Context RoutingContext context) {
        String authorization = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        return Uni.createFrom()
                .deferred(() -> exchange(ActingClients.request(body, context), context))
                .onFailure()
                .recoverWithItem(failure -> TokenError.of(failure).answer(authorization));
    }

    private Uni<Response> exchange(TokenRequest request, RoutingContext context) {
        request.requireTarget();
        return clients.authenticate(request, context, ROLES).chain(acting -> exchange(request, acting, context));
    }

    private Uni<Response> exchange(TokenRequest request, Acting acting, RoutingContext context) {
        Caller caller = acting.caller();
        AccountKey account = account(request, acting);
        AccessLimits limits = caller.limits(ROLES);
        if (!limits.covers(account)) {
            throw clients.denied(
                    caller, context, TokenError.invalidTarget("the client may not use this provider for this user"));
        }
        Scopes scopes = request.scopes();
        return tokens.getValidToken(account, TokenQuery.ofPerson(scopes).within(limits))
                .map(token -> answer(acting, token))
                .onFailure()
                .recoverWithUni(failure -> links.added(TokenError.of(failure), caller, account, scopes));
    }

    private AccountKey account(TokenRequest request, Acting acting) {
        String provider = request.provider(publicUrl.base() + AuthorizationServerMetadata.RESOURCES);
        if (catalogue.find(provider).isEmpty()) {
            throw TokenError.invalidTarget(TokenError.UNKNOWN_PROVIDER);
        }
        return new AccountKey(
                acting.caller().tenant(), provider, acting.subject().user());
    }

    private Response answer(Acting acting, AccessToken token) {
        audit.recordIssued(acting.caller().name(), acting.subject().chain(), token);
        return IssuedToken.of(
                        Objects.requireNonNull(token.value()).reveal(),
                        TokenRequest.ACCESS_TOKEN,
                        token.tokenType(),
                        token.expiresAt(),
                        token.scopes(),
                        clock.instant())
                .answer();
    }
}
