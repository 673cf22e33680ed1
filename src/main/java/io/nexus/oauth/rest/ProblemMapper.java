package io.nexus.oauth.rest;

import static io.nexus.oauth.rest.ProblemResponses.coded;
import static io.nexus.oauth.rest.ProblemResponses.conflict;
import static io.nexus.oauth.rest.ProblemResponses.later;
import static io.nexus.oauth.rest.ProblemResponses.plain;
import static io.nexus.oauth.rest.ProblemResponses.problem;
import static io.nexus.oauth.rest.ProblemResponses.quota;
import static io.nexus.oauth.rest.ProblemResponses.respond;
import static io.nexus.oauth.rest.ProblemResponses.revoked;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.access.caller.AmbiguousTenant;
import io.nexus.oauth.access.issuer.IssuerUnavailable;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.connect.ConnectException;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.reply.ProviderException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/**
 * Maps all exceptions to {@code application/problem+json} (RFC 9457). Exception families are sealed, so a new exception must be
 * mapped here to compile. No answer contains a stack trace, a token or text from a provider.
 */
class ProblemMapper {

    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);

    private static final Duration RETRY_AFTER_DEPENDENCY = Duration.ofSeconds(1);

    private static final Duration RETRY_AFTER_NO_COMMON_KEY = Duration.ofSeconds(15);
    private static final String CHALLENGE = "Bearer realm=\"nexus-oauth\"";

    private final PublicUrl publicUrl;
    private final AllowedMethods allowed;

    ProblemMapper(PublicUrl publicUrl, AllowedMethods allowed) {
        this.publicUrl = publicUrl;
        this.allowed = allowed;
    }

    @ServerExceptionMapper
    Response credential(CredentialException failure) {
        return switch (failure) {
            case CredentialException.NotFound missing -> respond(plain(ProblemType.CREDENTIAL_NOT_FOUND, missing));
            case CredentialException.Conflict conflict -> respond(conflict(conflict));
            case CredentialException.Forbidden denied -> respond(plain(ProblemType.FORBIDDEN, denied));
            case CredentialException.Revoked revoked -> respond(revoked(revoked.revokedAt()));
            case CredentialException.ReauthorizationRequired ended ->
                respond(connect(ProblemType.REAUTHORIZATION_REQUIRED, ended.key(), ended.error(), null));
            case CredentialException.InsufficientScope lacking ->
                respond(connect(ProblemType.INSUFFICIENT_SCOPE, lacking.key(), null, lacking.missing()));
            case CredentialException.TooManyRefreshes limited ->
                later(plain(ProblemType.TOO_MANY_REFRESHES, limited), limited.retryAfter());
            case CredentialException.QuotaExceeded full -> quota(full);
            case CredentialException.UnknownVersion unknown ->
                respond(ProblemResponses.invalid(
                        List.of(new Problem.Error("/version", String.valueOf(unknown.getMessage())))));
        };
    }

    @ServerExceptionMapper
    Response provider(ProviderException failure) {
        return switch (failure) {
            case ProviderException.UnknownProvider unknown ->
                respond(ProblemResponses.invalid(List.of(new Problem.Error("provider", InputErrors.UNKNOWN_PROVIDER))));
            case ProviderException.Misconfigured wrong ->
                respond(coded(ProblemType.PROVIDER_MISCONFIGURED, wrong, wrong.code()));
            case ProviderException.Rejected refused ->
                respond(coded(ProblemType.PROVIDER_REJECTED, refused, refused.code()));
            case ProviderException.Unavailable away ->
                later(coded(ProblemType.PROVIDER_UNAVAILABLE, away, away.code()), away.retryAfter());
        };
    }

    @ServerExceptionMapper
    Response crypto(CryptoException failure) {
        return switch (failure) {
            case CryptoException.NoCommonKey none ->
                later(plain(ProblemType.KEYS_UNSETTLED, none), RETRY_AFTER_NO_COMMON_KEY);
            case CryptoException.TenantShredded gone -> respond(plain(ProblemType.TENANT_SHREDDED, gone));
            case CryptoException.TenantKeyUnavailable away ->
                later(plain(ProblemType.KEYS_UNSETTLED, away), RETRY_AFTER_DEPENDENCY);
            case CryptoException.UnknownKey key -> unreadable(key);
            case CryptoException.Tampered text -> unreadable(text);
            case CryptoException.InvalidKey key -> unreadable(key);
            case CryptoException.NotUnwrapped key -> unreadable(key);
        };
    }

    private static Response unreadable(CryptoException failure) {
        LOG.errorf("stored secrets cannot be decrypted: %s", failure.getMessage());
        return respond(problem(ProblemType.CREDENTIAL_UNREADABLE, "the log of the service has the details"));
    }

    @ServerExceptionMapper
    Response connect(ConnectException failure) {
        return switch (failure) {
            case ConnectException.ReturnUrlNotAllowed refused ->
                respond(ProblemResponses.invalid(
                        List.of(new Problem.Error("/return_url", String.valueOf(refused.getMessage())))));
            case ConnectException.OriginNotAllowed refused ->
                respond(ProblemResponses.invalid(
                        List.of(new Problem.Error("/origin", String.valueOf(refused.getMessage())))));
            case ConnectException.InvalidLink link -> respond(plain(ProblemType.INVALID_REQUEST, link));
            case ConnectException.InvalidState state -> respond(plain(ProblemType.INVALID_REQUEST, state));
            case ConnectException.Pending pending -> respond(plain(ProblemType.STORAGE_UNAVAILABLE, pending));
        };
    }

    @ServerExceptionMapper
    Response store(StorageException failure) {
        LOG.warnf("a request failed: %s", failure.getMessage());
        return Response.fromResponse(respond(problem(ProblemType.STORAGE_UNAVAILABLE, "try again in a moment")))
                .header(HttpHeaders.RETRY_AFTER, 1)
                .build();
    }

    @ServerExceptionMapper
    Response invalid(InvalidRequest failure) {
        return respond(ProblemResponses.invalid(failure.errors()));
    }

    @ServerExceptionMapper
    Response illegal(IllegalArgumentException failure) {
        return respond(problem(ProblemType.INVALID_REQUEST, String.valueOf(failure.getMessage())));
    }

    @ServerExceptionMapper({UnauthorizedException.class, AuthenticationFailedException.class})
    Response unauthorized(SecurityException failure) {
        return Response.fromResponse(respond(problem(
                        ProblemType.UNAUTHORIZED,
                        "send exactly one valid credential: a bearer token of a trusted issuer, an API key (as bearer token or in"
                                + " X-API-Key), or a client certificate")))
                .header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE)
                .build();
    }

    @ServerExceptionMapper
    Response tenant(AmbiguousTenant failure) {
        return respond(ProblemResponses.invalid(
                List.of(new Problem.Error("tenant", String.valueOf(failure.getMessage()))), AmbiguousTenant.CODE));
    }

    @ServerExceptionMapper
    Response issuer(IssuerUnavailable failure) {
        LOG.warnf("cannot verify the token of a caller: %s", failure.getMessage());
        return later(problem(ProblemType.ISSUER_UNAVAILABLE, "try again in a moment"), RETRY_AFTER_DEPENDENCY);
    }

    @ServerExceptionMapper
    Response forbidden(ForbiddenException failure, ResourceInfo resource) {
        Method operation = resource.getResourceMethod();
        RolesAllowed needed = operation == null ? null : operation.getAnnotation(RolesAllowed.class);
        if (needed == null && operation != null) {
            needed = resource.getResourceClass().getAnnotation(RolesAllowed.class);
        }
        return respond(problem(
                ProblemType.FORBIDDEN,
                "none of the caller's roles allows this request"
                        + (needed == null ? "" : ". It needs the role " + String.join(" or ", needed.value()))));
    }

    /** Failures that the framework reports: unknown paths, wrong methods and media types. */
    @ServerExceptionMapper
    Response web(WebApplicationException failure, Request request, UriInfo address) {
        Set<String> methods = allowed.of(address.getPath());
        int status = failure.getResponse().getStatus();
        if (status == 400 && failure.getCause() instanceof JsonProcessingException broken) {
            return respond(ProblemResponses.invalid(List.of(JsonFaults.of(broken))));
        }
        // when two classes share a path, the framework may pick the wrong one and report 404
        boolean wrongMethod = status == 404 && !methods.isEmpty() && !methods.contains(request.getMethod());
        Response answer = wrongMethod || status == 405 ? wrongMethod(methods) : respond(framework(status));
        return TokenEndpointClients.isTokenEndpoint(address.getPath()) ? asTokenError(answer) : answer;
    }

    /** The clients of the token endpoint read errors in the form of RFC 6749 section 5.2. */
    private static Response asTokenError(Response problem) {
        String code = problem.getStatus() < 500 ? "invalid_request" : "server_error";
        String description = Objects.requireNonNullElse(((Problem) problem.getEntity()).detail(), code);
        return Response.fromResponse(problem)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Pragma", "no-cache")
                .entity(Map.of("error", code, "error_description", description))
                .build();
    }

    private static Response wrongMethod(Set<String> methods) {
        ProblemType type = ProblemType.METHOD_NOT_ALLOWED;
        String detail = methods.isEmpty() ? type.title() : "the address takes " + String.join(", ", methods);
        return Response.fromResponse(respond(problem(type, detail)))
                .header(HttpHeaders.ALLOW, String.join(", ", methods))
                .build();
    }

    private static Problem framework(int status) {
        ProblemType type = switch (status) {
            case 404 -> ProblemType.NOT_FOUND;
            case 406 -> ProblemType.NOT_ACCEPTABLE;
            case 413 -> ProblemType.PAYLOAD_TOO_LARGE;
            case 415 -> ProblemType.UNSUPPORTED_MEDIA_TYPE;
            default -> status < 500 ? ProblemType.INVALID_REQUEST : ProblemType.INTERNAL;
        };
        String detail = switch (type) {
            case NOT_FOUND -> "no operation has this address, or nothing has this name";
            case UNSUPPORTED_MEDIA_TYPE -> "the body must be JSON: send it with Content-Type: application/json";
            default -> type.title();
        };
        return problem(type, detail);
    }

    /** JSON of the wrong shape. The framework's own answers differ between development and production mode. */
    @ServerExceptionMapper
    Response json(MismatchedInputException failure) {
        return respond(ProblemResponses.invalid(List.of(JsonFaults.of(failure))));
    }

    @ServerExceptionMapper
    Response unexpected(Exception failure) {
        LOG.error("unexpected error in a request", failure);
        return respond(problem(ProblemType.INTERNAL, "the log of the service has the details"));
    }

    /** A problem that only the user can solve, by reconnecting the account. */
    private Problem connect(
            ProblemType type, CredentialKey key, @Nullable String code, @Nullable List<String> missingScopes) {
        return new Problem(
                type.uri(),
                type.title(),
                type.status(),
                "create a link at connect_uri with this credential_id and send it to the user",
                code,
                null,
                key.id(),
                publicUrl.base() + "/api/v1/connect-sessions",
                null,
                missingScopes);
    }
}
