package io.nexus.oauth.sandbox;

import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** An endpoint that does as little as possible: the benchmark compares the other endpoints with it. */
@Path("/sandbox/ping")
@Sandboxed
@PermitAll
class PingResource {

    /** Runs on the event loop, like the token endpoint of the service. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Pong> ping() {
        return Uni.createFrom().item(new Pong("pong"));
    }

    /** The response. */
    record Pong(String answer) {}
}
