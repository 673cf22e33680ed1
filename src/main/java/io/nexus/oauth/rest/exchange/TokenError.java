package io.nexus.oauth.rest.exchange;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.nexus.oauth.access.caller.AmbiguousTenant;
import io.nexus.oauth.access.issuer.IssuerUnavailable;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.reply.ProviderException;
import io.quarkus.security.AuthenticationFailedException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** An error of the token endpoint (RFC 6749 section 5.2, RFC 8693 section 2.2.2). No text of it comes from a provider. */
final class TokenError extends RuntimeException {

    private static final Logger LOG = Logger.getLogger(TokenError.class);
    /** The description for a provider that the catalogue lacks. */
    static final String UNKNOWN_PROVIDER = "the service does not know the provider";

    /** The codes of a provider about the request of a client, which the client reads as they are. */
    private static final Set<String> PASSED_ON = Set.of(
            "consent_required",
            "interaction_required",
            "invalid_request",
            "invalid_scope",
            "invalid_target",
            "login_required");

    private static final Duration RETRY_AFTER_DEPENDENCY = Duration.ofSeconds(1);
    private static final Duration RETRY_AFTER_NO_COMMON_KEY = Duration.ofSeconds(15);

    private final int status;
    private final String code;
    private final String description;
    private @Nullable Duration retryAfter;
    private @Nullable String connectUrl;
    private @Nullable String missing;

    TokenError(int status, String code, String description) {
        super(code, null, false, false);
        this.status = status;
        this.code = code;
        this.description = description;
    }

    static TokenError invalidRequest(String description) {
        return new TokenError(400, "invalid_request", description);
    }

    static TokenError invalidTarget(String description) {
        return new TokenError(400, "invalid_target", description);
    }

    /** The user has to connect the account, or to allow the scopes {@code missing}. */
    static TokenError interactionRequired(String description, List<String> missing) {
        TokenError error = new TokenError(400, "interaction_required", description);
        error.missing = missing.isEmpty() ? null : String.join(" ", missing);
        return error;
    }

    private static TokenError later(String description, Duration retryAfter) {
        TokenError error = new TokenError(503, "temporarily_unavailable", description);
        error.retryAfter = retryAfter;
        return error;
    }

    /** The error for {@code failure}. */
    static TokenError of(Throwable failure) {
        return switch (failure) {
            case TokenError known -> known;
            case CredentialException refused -> credential(refused);
            case ProviderException refused -> provider(refused);
            case AuthenticationFailedException unknown ->
                new TokenError(401, "invalid_client", "authenticate in exactly one way that the metadata names");
            case AmbiguousTenant several ->
                invalidRequest("name the tenant in the query of the address: " + several.getMessage());
            case CryptoException closed -> crypto(closed);
            case IssuerUnavailable away -> unavailable("the keys of the issuer cannot be fetched", away);
            case StorageException away -> unavailable("the database is not available", away);
            default -> {
                LOG.error("unexpected error of the token endpoint", failure);
                yield new TokenError(500, "server_error", "the log of the service has the details");
            }
        };
    }

    private static TokenError unavailable(String description, Throwable failure) {
        LOG.warnf("a token exchange failed: %s", failure.getMessage());
        return later(description, RETRY_AFTER_DEPENDENCY);
    }

    private static TokenError crypto(CryptoException failure) {
        return switch (failure) {
            case CryptoException.NoCommonKey none ->
                later("the keys of the replicas differ", RETRY_AFTER_NO_COMMON_KEY);
            case CryptoException.TenantKeyUnavailable away ->
                later("the key of the tenant is not available", RETRY_AFTER_DEPENDENCY);
            case CryptoException.TenantShredded gone -> invalidTarget("the tenant was shredded");
            case CryptoException.UnknownKey key -> unreadable(key);
            case CryptoException.Tampered text -> unreadable(text);
            case CryptoException.InvalidKey key -> unreadable(key);
            case CryptoException.NotUnwrapped key -> unreadable(key);
        };
    }

    private static TokenError unreadable(CryptoException failure) {
        LOG.errorf("stored secrets cannot be decrypted: %s", failure.getMessage());
        return new TokenError(500, "server_error", "the log of the service has the details");
    }

    private static TokenError credential(CredentialException refused) {
        return switch (refused) {
            case CredentialException.NotFound missing ->
                interactionRequired("the user has not connected an account", List.of());
            case CredentialException.Revoked revoked -> interactionRequired("the account was revoked", List.of());
            case CredentialException.ReauthorizationRequired ended ->
                interactionRequired("the provider ended the grant: " + ended.error(), List.of());
            case CredentialException.InsufficientScope lacking ->
                interactionRequired("the user has not allowed all scopes", lacking.missing());
            case CredentialException.Forbidden denied ->
                new TokenError(400, "invalid_scope", String.valueOf(denied.getMessage()));
            case CredentialException.TooManyRefreshes busy ->
                later("the token was refreshed just now", busy.retryAfter());
            case CredentialException.QuotaExceeded full ->
                later(String.valueOf(full.getMessage()), RETRY_AFTER_DEPENDENCY);
            case CredentialException.Conflict conflict -> invalidRequest(String.valueOf(conflict.getMessage()));
            case CredentialException.UnknownVersion unknown -> invalidRequest(String.valueOf(unknown.getMessage()));
        };
    }

    private static TokenError provider(ProviderException failure) {
        return switch (failure) {
            case ProviderException.Unavailable away ->
                later("the provider does not answer: " + away.code(), away.retryAfter());
            case ProviderException.Misconfigured wrong -> operator(wrong.code());
            case ProviderException.Rejected refused -> subject(refused.code());
            case ProviderException.UnknownProvider unknown -> invalidTarget(UNKNOWN_PROVIDER);
        };
    }

    /** The provider refuses the user's token, or what the client asks for. */
    private static TokenError subject(String code) {
        return PASSED_ON.contains(code)
                ? new TokenError(400, code, "the provider refuses the request: " + code)
                : new TokenError(400, "invalid_grant", "the provider does not accept the user's token: " + code);
    }

    private static TokenError operator(String code) {
        return new TokenError(502, "server_error", "an operator has to correct the client at the provider: " + code);
    }

    boolean needsInteraction() {
        return code.equals("interaction_required");
    }

    /** The same error with the link that the user opens. */
    TokenError withLink(String url) {
        connectUrl = url;
        return this;
    }

    /** The answer; {@code authorization} is the header of the request, whose scheme the challenge repeats. */
    Response answer(@Nullable String authorization) {
        Response.ResponseBuilder answer = Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Pragma", "no-cache")
                .entity(new Body(code, description, missing, connectUrl));
        if (status == 401) {
            boolean bearer = authorization != null && authorization.regionMatches(true, 0, "bearer ", 0, 7);
            answer.header(HttpHeaders.WWW_AUTHENTICATE, (bearer ? "Bearer" : "Basic") + " realm=\"nexus-oauth\"");
        }
        if (retryAfter != null) {
            answer.header(HttpHeaders.RETRY_AFTER, Math.max(1, retryAfter.toSeconds()));
        }
        return answer.build();
    }

    /**
     * The error as a client reads it.
     *
     * @param error the code
     * @param errorDescription what is wrong, for people
     * @param missingScopes the scopes that the user has not allowed, separated by spaces
     * @param connectUrl the one-time link that the user opens
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Body(
            String error,
            String errorDescription,
            @Nullable String missingScopes,
            @Nullable String connectUrl) {

        /** Without the link, which is a secret. */
        @Override
        public String toString() {
            return error;
        }
    }
}
