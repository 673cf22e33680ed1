package io.nexus.oauth.provider.oidc;

import io.quarkus.arc.Unremovable;
import io.quarkus.oidc.common.OidcEndpoint;
import io.quarkus.oidc.common.OidcRequestFilter;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/**
 * Bounds the requests of the extension, which would wait for ever for a silent server. Before the first token request there is none: the
 * extension reads metadata at the start, and a server that does not answer would stop it. A client whose metadata could not be read reads it
 * when it is used.
 */
@ApplicationScoped
@Unremovable
@OidcEndpoint({OidcEndpoint.Type.DISCOVERY, OidcEndpoint.Type.TOKEN, OidcEndpoint.Type.TOKEN_REVOCATION})
class OidcRequests implements OidcRequestFilter {

    /** Closes the connection to a silent server. The verdict comes earlier, with the deadline of the whole request. */
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private volatile boolean allowed;

    /** Lets requests pass from now on. */
    void allow() {
        allowed = true;
    }

    @Override
    public Uni<Void> filter(OidcRequestFilterContext context) {
        if (!allowed) {
            return Uni.createFrom().failure(new IllegalStateException("the start asks no provider"));
        }
        context.request().timeout(TIMEOUT.toMillis());
        return Uni.createFrom().voidItem();
    }
}
