package io.nexus.oauth.rest;

import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of OAuth clients that authenticate by {@code private_key_jwt}, one JSON Web Key Set a client (RFC 7517 section 5). A
 * provider reads it without a credential. Its name is random and says nothing of tenant and provider.
 */
@Path("/jwks")
@PermitAll
class JwksResource {

    /** How long a copy may be kept: the next key is published for three times as long before it signs. */
    private static final Duration MAX_AGE = Duration.ofMinutes(5);

    private final ClientRegistrations clients;

    JwksResource(ClientRegistrations clients) {
        this.clients = clients;
    }

    static String url(PublicUrl publicUrl, @Nullable UUID keySet) {
        return publicUrl.base() + "/jwks/" + keySet;
    }

    @GET
    @Path("/{id}")
    public Uni<Response> keys(@PathParam("id") String id) {
        return clients.publicKeys(keySet(id)).map(found -> answer(found.orElseThrow(NotFoundException::new)));
    }

    private static UUID keySet(String id) {
        if (!id.matches("[0-9a-f-]{36}")) {
            throw new NotFoundException();
        }
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            throw new NotFoundException();
        }
    }

    private static Response answer(List<String> keys) {
        CacheControl cache = new CacheControl();
        cache.setMaxAge((int) MAX_AGE.toSeconds());
        return Response.ok("{\"keys\":[" + String.join(",", keys) + "]}")
                .header(HttpHeaders.CONTENT_TYPE, "application/jwk-set+json")
                .cacheControl(cache)
                .build();
    }
}
