package io.nexus.oauth.rest;

import io.nexus.oauth.api.Problem;
import io.nexus.oauth.credential.CredentialException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds problem details (RFC 9457) and their responses. */
final class ProblemResponses {

    static final String PROBLEM_JSON = "application/problem+json";

    private ProblemResponses() {}

    static Problem problem(ProblemType type, String detail) {
        return new Problem(type.uri(), type.title(), type.status(), detail, null, null, null, null, null, null);
    }

    static Problem conflict(CredentialException.Conflict conflict) {
        return plain(
                conflict instanceof CredentialException.AlreadyStored
                        ? ProblemType.PRECONDITION_FAILED
                        : ProblemType.CONFLICT,
                conflict);
    }

    static Response quota(CredentialException.QuotaExceeded full) {
        return full.retryAfter()
                .map(wait -> later(coded(ProblemType.TOO_MANY_CONNECT_SESSIONS, full, full.limit()), wait))
                .orElseGet(() -> respond(coded(ProblemType.QUOTA_EXCEEDED, full, full.limit())));
    }

    static Problem revoked(@Nullable Instant at) {
        ProblemType type = ProblemType.CREDENTIAL_REVOKED;
        return new Problem(
                type.uri(),
                type.title(),
                type.status(),
                "the credential was revoked",
                null,
                null,
                null,
                null,
                at,
                null);
    }

    static Problem plain(ProblemType type, RuntimeException failure) {
        return problem(type, String.valueOf(failure.getMessage()));
    }

    static Problem coded(ProblemType type, RuntimeException failure, String code) {
        return new Problem(
                type.uri(),
                type.title(),
                type.status(),
                String.valueOf(failure.getMessage()),
                code,
                null,
                null,
                null,
                null,
                null);
    }

    static Problem invalid(List<Problem.Error> errors) {
        return invalid(errors, null);
    }

    static Problem invalid(List<Problem.Error> errors, @Nullable String code) {
        ProblemType type = ProblemType.INVALID_REQUEST;
        String detail = errors.stream()
                .map(error -> error.pointer().isEmpty() ? error.detail() : error.pointer() + ": " + error.detail())
                .reduce((a, b) -> a + "; " + b)
                .orElse(type.title());
        return new Problem(type.uri(), type.title(), type.status(), detail, code, errors, null, null, null, null);
    }

    /** Adds {@code Retry-After} in whole seconds, rounded up so that no retry is too early. */
    static Response later(Problem problem, Duration wait) {
        return Response.fromResponse(respond(problem))
                .header(
                        HttpHeaders.RETRY_AFTER,
                        Math.max(1, wait.plusMillis(999).toSeconds()))
                .build();
    }

    static Response respond(Problem problem) {
        return Response.status(problem.status())
                .type(MediaType.valueOf(PROBLEM_JSON))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .entity(problem)
                .build();
    }
}
