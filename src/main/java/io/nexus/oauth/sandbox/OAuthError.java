package io.nexus.oauth.sandbox;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** An error of RFC 6749 section 5.2 (also used for the redirects of section 4.1.2.1). */
final class OAuthError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String description;

    private OAuthError(int status, String code, String description) {
        super(code + ": " + description, null, false, false);
        this.status = status;
        this.code = code;
        this.description = description;
    }

    static OAuthError of(String code, String description) {
        return new OAuthError(400, code, description);
    }

    static OAuthError invalidRequest(String description) {
        return of("invalid_request", description);
    }

    static OAuthError invalidGrant(String description) {
        return of("invalid_grant", description);
    }

    static OAuthError invalidClient() {
        return new OAuthError(401, "invalid_client", "the client is unknown or its secret is wrong");
    }

    /** A server in trouble. No RFC defines a code for that; clients go by the status. */
    static OAuthError unavailable() {
        return new OAuthError(503, "server_error", "the server is down for a while");
    }

    String code() {
        return code;
    }

    String description() {
        return description;
    }

    /** The error as a response of the token endpoint. */
    Response response() {
        Response.ResponseBuilder builder = Response.status(status)
                .type(MediaType.APPLICATION_JSON)
                .entity(Map.of("error", code, "error_description", description));
        return status == 401
                ? builder.header("WWW-Authenticate", "Basic realm=\"sandbox\"").build()
                : builder.build();
    }
}
