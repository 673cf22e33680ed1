package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.issuer.CallerTokens;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Authenticates a request: by {@code Authorization: Bearer} with a token of a trusted issuer or an API key (RFC 6750
 * section 2.1), by {@code X-API-Key}, or by the client certificate of the connection. A request with two credentials is
 * refused, because they could name two callers. The pages accept only the cookie of {@link PageSessions}, and nothing
 * else accepts that cookie, so only the pages need a defence against cross-site request forgery. If the caller acts for
 * several tenants, the query names one.
 */
@ApplicationScoped
class CallerMechanism implements HttpAuthenticationMechanism {

    /** The attribute of the identity that holds the {@link Caller}. */
    static final String CALLER = "nexus.oauth.caller";

    private static final String BEARER = "bearer ";
    private static final String CHALLENGE = "Bearer realm=\"nexus-oauth\"";

    private final ApiKeys keys;
    private final CallerTokens tokens;
    private final CallerCertificates certificates;
    private final PageSessions sessions;

    CallerMechanism(ApiKeys keys, CallerTokens tokens, CallerCertificates certificates, PageSessions sessions) {
        this.keys = keys;
        this.tokens = tokens;
        this.certificates = certificates;
        this.sessions = sessions;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager manager) {
        if (PageSessions.isPage(context.normalizedPath())) {
            return sessions.of(context.request())
                    .chain(found -> Uni.createFrom()
                            .optional(found.map(who -> identity(who.asCaller(context.queryParam("tenant"))))));
        }
        if (TokenEndpointClients.isTokenEndpoint(context.normalizedPath())) {
            return Uni.createFrom().optional(Optional.empty()); // the form can name the client, too
        }
        List<String> headers = context.request().headers().getAll("Authorization");
        List<String> own = context.request().headers().getAll("X-API-Key");
        Optional<X509Certificate> certificate = certificates.of(context.request());
        int credentials = headers.size() + own.size() + (certificate.isPresent() ? 1 : 0);
        if (credentials == 0) {
            return Uni.createFrom().optional(Optional.empty());
        }
        if (credentials > 1) {
            return refused("more than one credential");
        }
        Uni<Optional<Principal>> principal = certificate
                .map(certificates::authenticate)
                .orElseGet(() -> own.isEmpty() ? bearer(headers.getFirst()) : keys.authenticate(own.getFirst()));
        return principal.map(found ->
                identity(found.orElseThrow(() -> new AuthenticationFailedException("the credential is not valid"))
                        .asCaller(context.queryParam("tenant"))));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", CHALLENGE));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of();
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext context) {
        return Uni.createFrom().item(new HttpCredentialTransport(HttpCredentialTransport.Type.AUTHORIZATION, "bearer"));
    }

    private Uni<Optional<Principal>> bearer(String header) {
        if (!header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return refused("not a bearer credential");
        }
        String credential = header.substring(BEARER.length()).strip();
        return CallerTokens.isToken(credential) ? tokens.authenticate(credential) : keys.authenticate(credential);
    }

    private static <T> Uni<T> refused(String reason) {
        return Uni.createFrom().failure(new AuthenticationFailedException(reason));
    }

    private static SecurityIdentity identity(Caller caller) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(caller.name()))
                .addRoles(caller.roles().stream().map(Role::label).collect(Collectors.toSet()))
                .addAttribute(CALLER, caller)
                .build();
    }
}
