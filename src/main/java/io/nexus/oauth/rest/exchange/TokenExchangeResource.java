package io.nexus.oauth.rest.exchange;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.issuer.SubjectTokens;
import io.nexus.oauth.access.issuer.SubjectTokens.Subject;
import io.nexus.oauth.audit.AuditRecorder;
import io.nexus.oauth.connect.ConnectFlow;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.ProviderCatalogue;
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
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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

    private final TokenEndpointClients clients;
    private final SubjectTokens subjects;
    private final TokenManager tokens;
    private final ProviderCatalogue catalogue;
    private final ConnectFlow connect;
    private final PublicUrl publicUrl;
    private final AuditRecorder audit;
    private final Clock clock;

    TokenExchangeResource(
            TokenEndpointClients clients,
            SubjectTokens subjects,
            TokenManager tokens,
            ProviderCatalogue catalogue,
            ConnectFlow connect,
            PublicUrl publicUrl,
            AuditRecorder audit,
            Clock clock) {
        this.clients = clients;
        this.subjects = subjects;
        this.tokens = tokens;
        this.catalogue = catalogue;
        this.connect = connect;
        this.publicUrl = publicUrl;
        this.audit = audit;
        this.clock = clock;
    }

    /** Issues the access token. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> token(@Nullable String body, @Context RoutingContext context) {
        String authorization = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        return Uni.createFrom()
                .deferred(() -> exchange(TokenRequest.parse(body), context))
                .onFailure()
                .recoverWithItem(failure -> TokenError.of(failure).answer(authorization));
    }

    private Uni<Response> exchange(TokenRequest request, RoutingContext context) {
        request.check();
        return clients.authenticate(context.request(), request.form())
                .chain(client -> subjects.verify(request.subjectToken(), request.isIdToken())
                        .map(found -> found.orElseThrow(() ->
                                TokenError.invalidRequest("the subject token is not one that this service accepts")))
                        .chain(subject -> exchange(request, client, subject, context)));
    }

    private Uni<Response> exchange(
            TokenRequest request, Optional<Principal> client, Subject subject, RoutingContext context) {
        Caller caller = client.orElse(subject.principal()).asCaller(context.queryParam("tenant"));
        if (client.isPresent() && !subject.allowsActor(caller.name())) {
            throw denied(caller, context, "the subject token lets another client act for the user");
        }
        if (Set.of(ROLES).stream().noneMatch(caller.roles()::contains)) {
            throw denied(caller, context, "the client needs the role " + Role.TOKEN_EXCHANGER.label());
        }
        if (!subject.isOf(caller.tenant())) {
            throw TokenError.invalidRequest("the subject token belongs to another tenant");
        }
        AccountKey account = account(request, caller, subject);
        AccessLimits limits = caller.limits(ROLES);
        if (!limits.covers(account)) {
            throw TokenError.invalidTarget("the client may not use this provider for this user");
        }
        Scopes scopes = request.scopes();
        TokenQuery query =
                new TokenQuery(Optional.empty(), Optional.empty(), scopes, TokenQuery.KnownVersions.NONE, limits);
        return tokens.getValidToken(account, query)
                .map(token -> answer(caller, subject, token))
                .onFailure()
                .recoverWithUni(failure -> withLink(TokenError.of(failure), caller, account, scopes));
    }

    private AccountKey account(TokenRequest request, Caller caller, Subject subject) {
        String provider = request.provider(publicUrl.base() + AuthorizationServerMetadata.RESOURCES);
        if (catalogue.find(provider).isEmpty()) {
            throw TokenError.invalidTarget(TokenError.UNKNOWN_PROVIDER);
        }
        return new AccountKey(caller.tenant(), provider, subject.user());
    }

    private TokenError denied(Caller caller, RoutingContext context, String why) {
        audit.recordDenied(
                caller.name(),
                caller.auditTenant(),
                "POST " + TokenEndpointClients.PATH,
                context.request().remoteAddress() == null
                        ? null
                        : context.request().remoteAddress().hostAddress());
        return new TokenError(400, "unauthorized_client", why);
    }

    private Response answer(Caller caller, Subject subject, AccessToken token) {
        audit.recordIssued(caller.name(), subject.principal().name(), token);
        Long expiresIn = token.expiresAt() == null
                ? null
                : Math.max(
                        0, Duration.between(clock.instant(), token.expiresAt()).toSeconds());
        String scope = token.scopes().join(" ");
        return Response.ok(new Body(
                        Objects.requireNonNull(token.value()).reveal(),
                        TokenRequest.ACCESS_TOKEN,
                        token.tokenType(),
                        expiresIn,
                        scope.isEmpty() ? null : scope))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Pragma", "no-cache")
                .build();
    }

    /** Adds the link with which the user connects the account, when the caller may create one; an error without it otherwise. */
    private Uni<Response> withLink(TokenError error, Caller caller, AccountKey account, Scopes scopes) {
        if (!error.needsInteraction()
                || !caller.roles().contains(Role.CONNECTOR)
                || !caller.limits(Role.CONNECTOR).allows(account, scopes)) {
            return Uni.createFrom().failure(error);
        }
        return connect.begin(
                        new ConnectFlow.Request(account, scopes, null, null, false, Optional.empty(), caller.name()))
                .onItemOrFailure()
                .transformToUni(
                        (link, none) -> Uni.createFrom().failure(link == null ? error : error.withLink(link.url())));
    }

    /** RFC 8693 section 2.2.1. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Body(
            String accessToken,
            String issuedTokenType,
            String tokenType,
            @Nullable Long expiresIn,
            @Nullable String scope) {

        /** Without the token. */
        @Override
        public String toString() {
            return "Body";
        }
    }
}
