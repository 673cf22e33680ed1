package io.nexus.oauth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A failure (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>).
 *
 * @param type a stable URI that names the kind
 * @param title the kind in words
 * @param status the HTTP status
 * @param detail what happened, in words
 * @param code a stable code that says more than the type, or null
 * @param errors what is wrong with the request, or null
 * @param credentialId the credential in question, or null
 * @param connectUri where to ask for a link with which the user connects again, or null
 * @param revokedAt when the credential was revoked, or null
 * @param missingScopes the scopes that the grant lacks, or null
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
     * One thing that is wrong with a request.
     *
     * @param pointer where: a JSON pointer into the body (RFC 6901), or the name of a query parameter
     * @param detail what
     */
    public record Error(String pointer, String detail) {}
}
