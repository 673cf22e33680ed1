package io.nexus.oauth.rest.exchange;

import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.connect.PublicUrl;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** The metadata of the token endpoint (RFC 8414), the same for everybody. */
@Path("/.well-known/oauth-authorization-server")
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
class AuthorizationServerMetadata {

    /** Where the resource of a provider begins, after the public URL. Nothing is served there. */
    static final String RESOURCES = "/providers/";

    private final PublicUrl publicUrl;

    AuthorizationServerMetadata(PublicUrl publicUrl) {
        this.publicUrl = publicUrl;
    }

    /** Shows the metadata. */
    @GET
    public Body get() {
        return new Body(
                publicUrl.base(),
                publicUrl.base() + TokenEndpointClients.PATH,
                List.of(TokenRequest.TOKEN_EXCHANGE),
                // RFC 8414 section 2 requires the member, and section 3.2 omits empty lists. There is no authorization
                // endpoint, so
                // no response type would be true; a client that requires the member would stop without it
                List.of(),
                List.of("client_secret_basic", "client_secret_post", "none"));
    }

    /** RFC 8414 section 2. */
    record Body(
            String issuer,
            String tokenEndpoint,
            List<String> grantTypesSupported,
            List<String> responseTypesSupported,
            List<String> tokenEndpointAuthMethodsSupported) {}
}
