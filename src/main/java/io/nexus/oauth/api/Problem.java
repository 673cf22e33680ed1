package io.nexus.oauth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A problem detail (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>).
 *
 * @param type the stable URI of the problem type
 * @param title the title of the problem type
 * @param status the HTTP status
 * @param detail an explanation for people
 * @param code a stable code with more detail than the type, or null
 * @param errors the errors of the request, or null
 * @param credentialId the credential concerned, or null
 * @param connectUri the address that creates a link for reconnecting, or null
 * @param revokedAt the time of revocation, or null
 * @param missingScopes the requested scopes that the grant does not include, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String code,
        @Nullable List<Error> errors,
        @Nullable UUID credentialId,
        @Nullable String connectUri,
        @Nullable Instant revokedAt,
        @Nullable List<String> missingScopes) {

    /**
     * An error of a request.
     *
     * @param pointer its place: a JSON pointer into the body (RFC 6901), or the name of a query parameter
     * @param detail an explanation for people
     */
    public record Error(String pointer, String detail) {}
}
