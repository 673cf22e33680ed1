package io.nexus.oauth.sandbox;

import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** The least that an endpoint of this application can do: what the benchmark measures the others against. */
@Path("/sandbox/ping")
@Sandboxed
@PermitAll
class PingResource {

    /** On the event loop, as the hand-out is. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Pong> ping() {
        return Uni.createFrom().item(new Pong("pong"));
    }

    /** The answer. */
    record Pong(String answer) {}
}
