package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.Role;
import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ApiHints;
import io.nexus.oauth.token.TokenDemand;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Hands out access tokens. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tokens")
class TokenResource {

    private static final long LONGEST_TTL = Duration.ofDays(1).toSeconds();
    private static final long LONGEST_WAIT = 60;

    private final TokenManager tokens;
    private final ApiHints hints;
    private final CurrentCaller caller;
    private final Clock clock;

    TokenResource(TokenManager tokens, ApiHints hints, CurrentCaller caller, Clock clock) {
        this.tokens = tokens;
        this.hints = hints;
        this.caller = caller;
        this.clock = clock;
    }

    @GET
    @Path("/token")
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
        TokenDemand demand = demand(inputs, minTtl, maxWait);
        inputs.check();
        AccountKey account = account(caller.get().tenant(), providerId, userName);
        return tokens.getValidToken(account, demand).map(this::respond);
    }

    @GET
    @Path("/credentials/{id}/token")
    @RolesAllowed(Role.Names.TOKEN_READER)
    @Operation(summary = "A valid access token of a credential")
    public Uni<Response> byId(
            @PathParam("id") UUID id,
            @QueryParam("min_ttl") @Nullable String minTtl,
            @QueryParam("max_wait") @Nullable String maxWait) {
        Inputs inputs = new Inputs();
        TokenDemand demand = demand(inputs, minTtl, maxWait);
        inputs.check();
        return tokens.getValidToken(new CredentialKey(caller.get().tenant(), id), demand)
                .map(this::respond);
    }

    private static AccountKey account(TenantId tenant, String provider, String user) {
        try {
            return new AccountKey(tenant, provider, user);
        } catch (IllegalArgumentException e) {
            throw InvalidRequest.of("user", String.valueOf(e.getMessage()));
        }
    }

    private static TokenDemand demand(Inputs inputs, @Nullable String minTtl, @Nullable String maxWait) {
        return new TokenDemand(
                seconds(inputs, "min_ttl", minTtl, LONGEST_TTL), seconds(inputs, "max_wait", maxWait, LONGEST_WAIT));
    }

    private static Optional<Duration> seconds(Inputs inputs, String name, @Nullable String text, long most) {
        if (text == null) {
            return Optional.empty();
        }
        return inputs.converted(name, Optional.empty(), () -> {
            if (!text.matches("[0-9]{1,6}") || Long.parseLong(text) > most) {
                throw new IllegalArgumentException("must be a number of seconds from 0 to " + most);
            }
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        });
    }

    /** RFC 6749 section 5.1: a token is never cached on its way. */
    private Response respond(AccessToken token) {
        return Response.ok(view(token))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Pragma", "no-cache")
                .build();
    }

    private TokenView view(AccessToken token) {
        ApiHints.Hint hint = hints.of(token.account().provider(), token.metadata());
        Long expiresIn = token.expiresAt() == null
                ? null
                : Math.max(
                        0, Duration.between(clock.instant(), token.expiresAt()).toSeconds());
        return new TokenView(
                token.value().reveal(),
                token.tokenType(),
                expiresIn,
                token.expiresAt(),
                token.scopes().join(" "),
                token.version(),
                token.freshness().name().toLowerCase(Locale.ROOT),
                token.warning(),
                token.key().id(),
                token.account().provider(),
                token.account().user(),
                hint.header(),
                hint.base(),
                token.metadata());
    }
}
