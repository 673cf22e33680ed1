package io.nexus.oauth.rest.exchange;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.issuer.SubjectTokens;
import io.nexus.oauth.access.issuer.SubjectTokens.Subject;
import io.nexus.oauth.audit.AuditRecorder;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.TokenQuery;
import io.smallrye.mutiny.Uni;
import io.vertx.core.net.SocketAddress;
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
import java.util.Locale;
import java.util.Objects;
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
    private final ConnectLinks links;
    private final PublicUrl publicUrl;
    private final AuditRecorder audit;
    private final Clock clock;

    TokenExchangeResource(
            TokenEndpointClients clients,
            SubjectTokens subjects,
            TokenManager tokens,
            ProviderCatalogue catalogue,
            ConnectLinks links,
            PublicUrl publicUrl,
            AuditRecorder audit,
            Clock clock) {
        this.clients = clients;
        this.subjects = subjects;
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
                .deferred(() -> exchange(form(body, context), context))
                .onFailure()
                .recoverWithItem(failure -> TokenError.of(failure).answer(authorization));
    }

    private static TokenRequest form(@Nullable String body, RoutingContext context) {
        String type = String.valueOf(context.request().getHeader(HttpHeaders.CONTENT_TYPE));
        if (!type.toLowerCase(Locale.ROOT).startsWith(MediaType.APPLICATION_FORM_URLENCODED)) {
            throw TokenError.invalidRequest("send the parameters as " + MediaType.APPLICATION_FORM_URLENCODED);
        }
        return TokenRequest.parse(body);
    }

    private Uni<Response> exchange(TokenRequest request, RoutingContext context) {
        request.check();
        return clients.authenticate(context.request(), request.form(), request.subjectToken())
                .map(principal -> permitted(principal.asCaller(context.queryParam("tenant")), context))
                .chain(caller -> subjects.verify(request.subjectToken(), request.isIdToken())
                        .map(found -> found.orElseThrow(() ->
                                TokenError.invalidRequest("the subject token is not one that this service accepts")))
                        .chain(subject -> exchange(request, caller, subject, context)));
    }

    private Caller permitted(Caller caller, RoutingContext context) {
        if (Set.of(ROLES).stream().noneMatch(caller.roles()::contains)) {
            throw denied(
                    caller,
                    context,
                    new TokenError(
                            400, "unauthorized_client", "the client needs the role " + Role.TOKEN_EXCHANGER.label()));
        }
        return caller;
    }

    private Uni<Response> exchange(TokenRequest request, Caller caller, Subject subject, RoutingContext context) {
        if (!subject.allowsActor(caller.name())) {
            throw denied(
                    caller,
                    context,
                    TokenError.invalidRequest("the subject token lets another client act for the user"));
        }
        if (!subject.isOf(caller.tenant())) {
            throw denied(caller, context, TokenError.invalidRequest("the subject token belongs to another tenant"));
        }
        AccountKey account = account(request, caller, subject);
        AccessLimits limits = caller.limits(ROLES);
        if (!limits.covers(account)) {
            throw denied(
                    caller, context, TokenError.invalidTarget("the client may not use this provider for this user"));
        }
        Scopes scopes = request.scopes();
        return tokens.getValidToken(account, TokenQuery.ofPerson(scopes).within(limits))
                .map(token -> answer(caller, subject, token))
                .onFailure()
                .recoverWithUni(failure -> links.added(TokenError.of(failure), caller, account, scopes));
    }

    private AccountKey account(TokenRequest request, Caller caller, Subject subject) {
        String provider = request.provider(publicUrl.base() + AuthorizationServerMetadata.RESOURCES);
        if (catalogue.find(provider).isEmpty()) {
            throw TokenError.invalidTarget(TokenError.UNKNOWN_PROVIDER);
        }
        return new AccountKey(caller.tenant(), provider, subject.user());
    }

    private TokenError denied(Caller caller, RoutingContext context, TokenError error) {
        SocketAddress source = context.request().remoteAddress();
        audit.recordDenied(
                caller.name(),
                caller.auditTenant(),
                "POST " + TokenEndpointClients.PATH,
                source == null ? null : source.hostAddress());
        return error;
    }

    private Response answer(Caller caller, Subject subject, AccessToken token) {
        audit.recordIssued(caller.name(), subject.chain(), token);
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
