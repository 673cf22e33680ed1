package io.nexus.oauth.access;

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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the API key of a request: {@code Authorization: Bearer <key>} (RFC 6750 section 2.1) or {@code X-API-Key: <key>}. Exactly
 * one credential per request; two are refused, because they could name two callers.
 */
@ApplicationScoped
class ApiKeyMechanism implements HttpAuthenticationMechanism {

    /** The attribute of the identity that holds the {@link Caller}. */
    static final String CALLER = "nexus.oauth.caller";

    private static final String BEARER = "bearer ";
    private static final String CHALLENGE = "Bearer realm=\"nexus-oauth\"";

    private final ApiKeys keys;

    ApiKeyMechanism(ApiKeys keys) {
        this.keys = keys;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager manager) {
        List<String> headers = context.request().headers().getAll("Authorization");
        List<String> own = context.request().headers().getAll("X-API-Key");
        if (headers.size() + own.size() > 1) {
            return Uni.createFrom().failure(new AuthenticationFailedException("more than one credential"));
        }
        String key = own.isEmpty()
                ? headers.stream().findFirst().map(ApiKeyMechanism::bearer).orElse(null)
                : own.getFirst();
        if (key == null) {
            return headers.isEmpty()
                    ? Uni.createFrom().optional(Optional.empty())
                    : Uni.createFrom().failure(new AuthenticationFailedException("not a bearer credential"));
        }
        return keys.authenticate(key)
                .map(caller -> identity(caller.orElseThrow(() -> new AuthenticationFailedException("unknown key"))));
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

    private static @Nullable String bearer(String header) {
        return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip()
                : null;
    }

    private static SecurityIdentity identity(Caller caller) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(caller.name()))
                .addRoles(caller.roles().stream().map(Role::label).collect(Collectors.toSet()))
                .addAttribute(CALLER, caller)
                .build();
    }
}
