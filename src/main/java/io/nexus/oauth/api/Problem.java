package io.nexus.oauth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A failure (RFC 9457).
 *
 * @param type the problem type, a stable URI
 * @param title the problem type in words
 * @param status the HTTP status
 * @param detail what happened, in words
 * @param code a stable code with more detail; missing when there is none
 * @param errors the faults of the request; missing when it has none
 * @param credentialId the credential; missing when the failure concerns none
 * @param connectUri where to create a link with which the user connects again; missing when that does not help
 * @param revokedAt when the credential was revoked; missing when it was not
 * @param missingScopes the scopes that the grant lacks; missing when it lacks none
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
     * One fault of a request.
     *
     * @param pointer the place: a JSON pointer into the body (RFC 6901), or the name of a query parameter
     * @param detail the fault, in words
     */
    public record Error(String pointer, String detail) {}
}
