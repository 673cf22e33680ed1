package io.nexus.oauth.rest.exchange;

import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.issuer.SubjectTokens;
import io.nexus.oauth.access.issuer.SubjectTokens.Subject;
import io.nexus.oauth.audit.AuditRecorder;
import io.smallrye.mutiny.Uni;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Authenticates the clients that act for a user, and verifies the token of that user. */
@ApplicationScoped
class ActingClients {

    private final TokenEndpointClients clients;
    private final SubjectTokens subjects;
    private final AuditRecorder audit;

    ActingClients(TokenEndpointClients clients, SubjectTokens subjects, AuditRecorder audit) {
        this.clients = clients;
        this.subjects = subjects;
        this.audit = audit;
    }

    /** A client, and the user for whom it acts. */
    record Acting(Caller caller, Subject subject) {}

    /** The request in {@code body}. Throws {@link TokenError}. */
    static TokenRequest request(@Nullable String body, RoutingContext context) {
        String type = String.valueOf(context.request().getHeader(HttpHeaders.CONTENT_TYPE));
        if (!type.toLowerCase(Locale.ROOT).startsWith(MediaType.APPLICATION_FORM_URLENCODED)) {
            throw TokenError.invalidRequest("send the parameters as " + MediaType.APPLICATION_FORM_URLENCODED);
        }
        TokenRequest request = TokenRequest.parse(body);
        request.check();
        return request;
    }

    /**
     * The client of {@code request}, which must have one of {@code roles}, and its user. Fails with {@link TokenError} when the user's
     * token is not accepted, or not from this client.
     */
    Uni<Acting> authenticate(TokenRequest request, RoutingContext context, Role... roles) {
        return clients.authenticate(context.request(), request.form(), request.subjectToken())
                .map(principal -> permitted(principal.asCaller(context.queryParam("tenant")), context, roles))
                .chain(caller -> subjects.verify(request.subjectToken(), request.isIdToken())
                        .map(found -> found.orElseThrow(() ->
                                TokenError.invalidRequest("the subject token is not one that this service accepts")))
                        .map(subject -> acting(caller, subject, context)));
    }

    private Caller permitted(Caller caller, RoutingContext context, Role... roles) {
        if (Set.of(roles).stream().noneMatch(caller.roles()::contains)) {
            throw denied(
                    caller,
                    context,
                    new TokenError(
                            400, "unauthorized_client", "the client needs the role " + Role.TOKEN_EXCHANGER.label()));
        }
        return caller;
    }

    private Acting acting(Caller caller, Subject subject, RoutingContext context) {
        if (!subject.allowsActor(caller.name())) {
            throw denied(
                    caller,
                    context,
                    TokenError.invalidRequest("the subject token lets another client act for the user"));
        }
        if (!subject.isOf(caller.tenant())) {
            throw denied(caller, context, TokenError.invalidRequest("the subject token belongs to another tenant"));
        }
        return new Acting(caller, subject);
    }

    /** Records that the request of {@code caller} is denied with {@code error}. */
    TokenError denied(Caller caller, RoutingContext context, TokenError error) {
        SocketAddress source = context.request().remoteAddress();
        String route = context.normalizedPath().equals(TokenEndpointClients.PATH)
                ? TokenEndpointClients.PATH
                : TokenEndpointClients.PATH + UpstreamExchangeResource.PROVIDER;
        audit.recordDenied(
                caller.name(), caller.auditTenant(), "POST " + route, source == null ? null : source.hostAddress());
        return error;
    }
}
