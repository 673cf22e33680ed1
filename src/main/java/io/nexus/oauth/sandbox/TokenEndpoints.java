package io.nexus.oauth.sandbox;

import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The endpoints that the client calls: token (RFC 6749 section 3.2) and revocation (RFC 7009). */
@Path("/sandbox")
@Sandboxed
@PermitAll
@Blocking
class TokenEndpoints {

    private final SandboxState sandbox;
    private final SandboxClient client;

    TokenEndpoints(SandboxState sandbox, SandboxClient client) {
        this.sandbox = sandbox;
        this.client = client;
    }

    @POST
    @Path("/token")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> token(
            MultivaluedMap<String, String> body, @HeaderParam("Authorization") @Nullable String header) {
        return authenticated(body, header, form -> {
            SandboxGrants.Tokens tokens = grant(form);
            Uni<Response> reply = Uni.createFrom().item(reply(tokens));
            Duration delay = tokens.behavior().delay(sandbox.now());
            return delay.isZero() ? reply : reply.onItem().delayIt().by(delay);
        });
    }

    @POST
    @Path("/revoke")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> revoke(
            MultivaluedMap<String, String> body, @HeaderParam("Authorization") @Nullable String header) {
        return authenticated(body, header, form -> {
            sandbox.grants().revoke(form.get("token"));
            return Uni.createFrom().item(Response.ok().build());
        });
    }

    private Uni<Response> authenticated(
            MultivaluedMap<String, String> body, @Nullable String header, Function<Parameters, Uni<Response>> action) {
        try {
            Parameters form = new Parameters(body);
            client.authenticate(header, form);
            return action.apply(form);
        } catch (OAuthError e) {
            return Uni.createFrom().item(e.response());
        }
    }

    private SandboxGrants.Tokens grant(Parameters form) {
        return switch (form.get("grant_type")) {
            case "authorization_code" ->
                sandbox.codes().exchange(form.get("code"), form.get("redirect_uri"), form.get("code_verifier"));
            case "refresh_token" ->
                sandbox.grants()
                        .rotate(form.get("refresh_token"), form.find("scope").orElse(null));
            // RFC 6749 section 4.4: audience and resource (RFC 8707) change nothing here
            case "client_credentials" ->
                sandbox.grants()
                        .machine(
                                client.id(),
                                SandboxScopes.ofClient(form.find("scope").orElse(null)));
            default ->
                throw OAuthError.of(
                        "unsupported_grant_type",
                        "authorization_code, refresh_token and client_credentials are supported");
        };
    }

    private Response reply(SandboxGrants.Tokens tokens) {
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("access_token", tokens.access());
        reply.put("token_type", "Bearer");
        reply.put("expires_in", tokens.lifetime().toSeconds());
        reply.put("scope", tokens.scope());
        if (tokens.behavior().hasRefreshToken()) {
            reply.put("refresh_token", tokens.refresh());
        }
        return Response.ok(reply, MediaType.APPLICATION_JSON_TYPE).build();
    }
}
