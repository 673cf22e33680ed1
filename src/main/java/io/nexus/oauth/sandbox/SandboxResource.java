package io.nexus.oauth.sandbox;

import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The index page, the server's metadata (RFC 8414) and the userinfo endpoint (OpenID Connect Core section 5.3). */
@Path("/sandbox")
@Sandboxed
@PermitAll
@Blocking
class SandboxResource {

    private final SandboxState sandbox;
    private final SandboxClient client;
    private final SandboxPages pages;

    SandboxResource(SandboxState sandbox, SandboxClient client, SandboxPages pages) {
        this.sandbox = sandbox;
        this.client = client;
        this.pages = pages;
    }

    @GET
    public Response index() {
        return pages.index(client.issuer(), sandbox.grants().list());
    }

    @GET
    @Path("/style.css")
    @Produces("text/css")
    public byte[] style() throws IOException {
        try (InputStream css = SandboxResource.class.getResourceAsStream("/sandbox/style.css")) {
            return Objects.requireNonNull(css).readAllBytes();
        }
    }

    /** The sandbox issues no id_token and publishes no key; the userinfo endpoint identifies the account. */
    @GET
    @Path("/.well-known/openid-configuration")
    @Produces(MediaType.APPLICATION_JSON)
    public Map<String, Object> metadata() {
        String issuer = client.issuer();
        List<String> methods = List.of("client_secret_basic", "client_secret_post");
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("issuer", issuer);
        metadata.put("authorization_endpoint", issuer + "/authorize");
        metadata.put("token_endpoint", issuer + "/token");
        metadata.put("revocation_endpoint", issuer + "/revoke");
        metadata.put("userinfo_endpoint", issuer + "/userinfo");
        metadata.put("scopes_supported", SandboxScopes.KNOWN);
        metadata.put("response_types_supported", List.of("code"));
        metadata.put("grant_types_supported", List.of("authorization_code", "refresh_token", "client_credentials"));
        metadata.put("code_challenge_methods_supported", List.of("S256"));
        metadata.put("token_endpoint_auth_methods_supported", methods);
        metadata.put("revocation_endpoint_auth_methods_supported", methods);
        metadata.put("subject_types_supported", List.of("public"));
        metadata.put(
                "nexus_management", client.managementUrl()); // for the demonstration, which shows metrics and health
        metadata.put("authorization_response_iss_parameter_supported", true);
        return metadata;
    }

    @GET
    @Path("/userinfo")
    public Response userinfo(@HeaderParam("Authorization") @Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return unauthorized("Bearer realm=\"sandbox\"");
        }
        return sandbox.grants()
                .byAccessToken(header.substring(7).strip())
                .map(b ->
                        Response.ok(claims(b), MediaType.APPLICATION_JSON_TYPE).build())
                .orElseGet(() -> unauthorized("Bearer realm=\"sandbox\", error=\"invalid_token\","
                        + " error_description=\"the access token is unknown, expired or revoked\""));
    }

    private static Response unauthorized(String challenge) {
        return Response.status(401).header("WWW-Authenticate", challenge).build();
    }

    private static Map<String, Object> claims(SandboxGrants.Bearer bearer) {
        Set<String> scopes = Set.of(bearer.scope().split(" "));
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", TokenFactory.hash("sub:" + bearer.account()).substring(0, 22));
        if (scopes.contains("email")) {
            claims.put("email", bearer.account());
            claims.put("email_verified", false);
        }
        if (scopes.contains("profile")) {
            claims.put("name", name(bearer.account()));
            claims.put("preferred_username", bearer.account());
        }
        return claims;
    }

    private static String name(String account) {
        String local = account.replaceFirst("@.*$", "");
        return local.isEmpty() ? account : local.substring(0, 1).toUpperCase(Locale.ROOT) + local.substring(1);
    }
}
