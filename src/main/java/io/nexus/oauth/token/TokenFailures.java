package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.token.grant.RefreshPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/** The failures and warnings of a token request, and their codes for the API and the metrics. */
final class TokenFailures {

    /** The codes that an operator has to act on. {@code statuses.md} explains each of them. */
    static final Set<String> MISCONFIGURED = Set.of(
            "bad_metadata",
            "bad_token",
            "bad_url",
            "bad_variable",
            "client_assertion_expired",
            "client_assertion_invalid",
            "client_assertion_unreadable",
            "client_authentication_invalid",
            "client_certificate_expired",
            "client_certificate_needs_https",
            "client_certificate_refused",
            "client_changed",
            "client_key_invalid",
            "client_key_missing",
            "client_key_unreadable",
            "client_not_registered",
            "client_secret_too_short",
            "client_secret_unreadable",
            "client_unreadable",
            "endpoint_not_found",
            "exchange_not_allowed",
            "forbidden_address",
            "http_401",
            "http_4xx",
            "incorrect_client_credentials",
            "invalid_authorization_details",
            "invalid_client",
            "invalid_request",
            "invalid_scope",
            "invalid_target",
            "issued_token_type",
            "issuer_mismatch",
            "missing_endpoint",
            "missing_issuer",
            "missing_variable",
            "proxy_credentials",
            "proxy_refused",
            "public_client",
            "redirect",
            "token_type",
            "unauthorized_client",
            "unknown_provider",
            "unknown_variable",
            "unsupported_grant_type");

    private TokenFailures() {}

    static CredentialException reconnect(StoredCredential credential) {
        String error = credential.status() == CredentialStatus.ACTIVE
                ? "no_refresh_token"
                : Objects.requireNonNullElse(credential.refresh().lastError(), "invalid_grant");
        return new CredentialException.ReauthorizationRequired(credential, error);
    }

    /** The failure during the back-off after {@code code}, the stored error. A refused machine connection stays misconfigured. */
    static ProviderException backingOff(StoredCredential credential, String code, Duration retryAfter) {
        return RefreshPolicy.isMachineRefused(credential)
                ? misconfigured(credential, code)
                : postponed(credential, code, retryAfter);
    }

    /** The failure while no refresh starts: that of the attempt before, so a misconfiguration stays one. */
    static ProviderException postponed(StoredCredential credential, String code, Duration retryAfter) {
        return MISCONFIGURED.contains(code)
                ? misconfigured(credential, code)
                : unavailable(credential, code, retryAfter);
    }

    static ProviderException misconfigured(StoredCredential credential, String code) {
        return code.equals(ProviderException.Misconfigured.CLIENT_CHANGED)
                ? ProviderException.Misconfigured.clientChanged(
                        credential.account().provider())
                : new ProviderException.Misconfigured(credential.account().provider(), code, code);
    }

    static ProviderException unavailable(StoredCredential credential, String code, Duration retryAfter) {
        return new ProviderException.Unavailable(credential.account().provider(), code, retryAfter);
    }

    static String warning(StoredCredential credential) {
        return Objects.requireNonNullElse(credential.refresh().lastError(), "refresh_failed");
    }

    static String warning(Throwable reason, StoredCredential credential) {
        return switch (reason) {
            case CredentialException.ReauthorizationRequired ended -> ended.error();
            case ProviderException failed -> failed.code();
            default -> warning(credential);
        };
    }

    static String outcome(AccessToken token) {
        if (token.value() == null) {
            return "hit";
        }
        return switch (token.freshness()) {
            case FRESH, REFRESHING -> "hit";
            case REFRESHED -> "refreshed";
            case DEGRADED -> "stale";
        };
    }

    static String outcome(Throwable failure) {
        return switch (failure) {
            case CredentialException.ReauthorizationRequired ended -> "reconnect_required";
            case CredentialException.InsufficientScope lacking -> "insufficient_scope";
            case CredentialException.TooManyRefreshes limited -> "limited";
            case ProviderException failed -> "provider_error";
            default -> "failed";
        };
    }
}
