package io.nexus.oauth.rest.exchange;

import static io.nexus.oauth.credential.TokenRequest.checkAudience;
import static io.nexus.oauth.credential.TokenRequest.checkResources;
import static io.nexus.oauth.credential.TokenRequest.checkScopes;

import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.issuer.SubjectTokens.Subject;
import io.nexus.oauth.audit.AuditRecorder;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.rest.exchange.ActingClients.Acting;
import io.nexus.oauth.token.exchange.ExchangeQuery;
import io.nexus.oauth.token.exchange.ExchangeQuery.SubjectToken;
import io.nexus.oauth.token.exchange.ExchangedToken;
import io.nexus.oauth.token.exchange.ExchangedTokens;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The token endpoint of one provider for clients that hold the token of a user (RFC 8693 section 2.1). The service sends the request on
 * with its own client. Audience, resource and scope are those of the provider. It authenticates its clients by itself.
 */
@Path(TokenEndpointClients.PATH + UpstreamExchangeResource.PROVIDER)
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
class UpstreamExchangeResource {

    /** The end of the path. */
    static final String PROVIDER = "/{provider}";

    private final ActingClients clients;
    private final ExchangedTokens tokens;
    private final ProviderCatalogue catalogue;
    private final AuditRecorder audit;
    private final Clock clock;

    UpstreamExchangeResource(
            ActingClients clients,
            ExchangedTokens tokens,
            ProviderCatalogue catalogue,
            AuditRecorder audit,
            Clock clock) {
        this.clients = clients;
        this.tokens = tokens;
        this.catalogue = catalogue;
        this.audit = audit;
        this.clock = clock;
    }

    /** Issues the token of the API. */
    @POST
    @Consumes(MediaType.WILDCARD) // the answer to another type has the form of RFC 6749, too
    public Uni<Response> token(
            @PathParam("provider") String provider, @Nullable String body, @Context RoutingContext context) {
        String authorization = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        return Uni.createFrom()
                .deferred(() -> {
                    TokenRequest request = ActingClients.request(body, context);
                    return clients.authenticate(request, context, Role.TOKEN_EXCHANGER)
                            .chain(acting -> exchange(provider, request, acting, context));
                })
                .onFailure()
                .recoverWithItem(failure -> TokenError.of(failure).answer(authorization));
    }

    private Uni<Response> exchange(String provider, TokenRequest request, Acting acting, RoutingContext context) {
        ExchangeCall call = catalogue
                .find(provider)
                .map(OAuthProvider::profile)
                .orElseThrow(() -> TokenError.invalidTarget(TokenError.UNKNOWN_PROVIDER))
                .tokenExchange();
        if (call == null) {
            throw TokenError.invalidTarget("the provider exchanges no tokens of users");
        }
        Caller caller = acting.caller();
        ExchangeQuery query =
                query(new AccountKey(caller.tenant(), provider, acting.subject().user()), request, acting.subject());
        requireSent(query, call);
        if (!caller.limits(Role.TOKEN_EXCHANGER).covers(query.account())) {
            throw clients.denied(
                    caller, context, TokenError.invalidTarget("the client may not use this provider for this user"));
        }
        return tokens.get(query, call, caller.limits(Role.TOKEN_EXCHANGER)).map(token -> answer(acting, query, token));
    }

    private static ExchangeQuery query(AccountKey account, TokenRequest request, Subject subject) {
        Scopes scopes = request.scopes();
        try {
            if (request.audience() != null) {
                checkAudience(request.audience());
            }
            checkResources(request.resources());
        } catch (IllegalArgumentException e) {
            throw TokenError.invalidTarget(String.valueOf(e.getMessage()));
        }
        try {
            checkScopes(scopes);
        } catch (IllegalArgumentException e) {
            throw new TokenError(400, "invalid_scope", String.valueOf(e.getMessage()));
        }
        return new ExchangeQuery(
                account,
                new SubjectToken(
                        Secret.of(request.subjectToken()),
                        request.subjectTokenType(),
                        subject.digest(),
                        subject.expiresAt()),
                request.audience(),
                request.resources().stream().distinct().toList(),
                scopes);
    }

    /** Refuses what the provider would not learn: the token would be for another target than the client thinks. */
    private static void requireSent(ExchangeQuery query, ExchangeCall call) {
        if (query.audience() != null && !call.sends("audience")) {
            throw TokenError.invalidTarget("leave audience out: this provider takes none");
        }
        if (!query.resources().isEmpty() && !call.sends("resource")) {
            throw TokenError.invalidTarget("leave resource out: this provider takes none");
        }
        if (!query.scopes().isEmpty() && !call.sends("scope")) {
            throw new TokenError(400, "invalid_scope", "leave scope out: this provider takes none");
        }
    }

    private Response answer(Acting acting, ExchangeQuery query, ExchangedToken token) {
        audit.recordExchanged(
                acting.caller().name(), acting.subject().chain(), query.account(), query.target(), token.value());
        return IssuedToken.of(
                        token.value().reveal(),
                        token.type(),
                        token.tokenType(),
                        token.expiresAt(),
                        token.scopes(),
                        clock.instant())
                .answer();
    }
}
