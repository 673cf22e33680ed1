package io.nexus.oauth.web.connect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ways in which a connect session ends without a connection, as a person understands them. Each has two texts: what
 * happened, and what to do next. The code of the session says more to an operator.
 */
enum SessionEnd {
    /** The person's own choice. */
    DENIED("access_denied"),
    /** Another account than the stored one. */
    OTHER_ACCOUNT("other_account"),
    /** Another account than the one that the application expects. */
    UNEXPECTED_ACCOUNT("unexpected_account"),
    /** The provider did not say whose account it is. */
    UNIDENTIFIED("identity_unavailable"),
    /** The tenant has all the credentials that it may have. */
    QUOTA("quota_exceeded"),
    /** The service could not store the grant. */
    NOT_STORED(
            "storage_unavailable",
            "internal",
            "interrupted",
            "stopping",
            "storage_behind",
            "database_unsettled",
            "journal_unavailable",
            "journal_unreadable",
            "keys_unsettled",
            "unreadable"),
    /** The client changed while the person was at the provider. */
    CHANGED("client_changed"),
    /** The operator has to act. Another attempt does not help. */
    SETUP(
            "client_not_registered",
            "client_unreadable",
            "client_secret_unreadable",
            "client_secret_too_short",
            "client_key_missing",
            "client_key_unreadable",
            "client_key_invalid",
            "client_certificate_expired",
            "client_certificate_needs_https",
            "client_certificate_refused",
            "client_assertion_unreadable",
            "client_assertion_invalid",
            "client_assertion_expired",
            "client_authentication_invalid",
            "public_client",
            "invalid_target",
            "invalid_authorization_details",
            "invalid_client",
            "incorrect_client_credentials",
            "unauthorized_client",
            "unsupported_response_type",
            "unsupported_grant_type",
            "invalid_scope",
            "invalid_request",
            "http_401",
            "http_4xx",
            "redirect",
            "endpoint_not_found",
            "missing_endpoint",
            "missing_issuer",
            "issuer_mismatch",
            "bad_metadata",
            "metadata_not_found",
            "bad_url",
            "unknown_variable",
            "missing_variable",
            "bad_variable",
            "unknown_provider",
            "forbidden_address",
            "bad_token",
            "token_type",
            "unreadable_br",
            "unreadable_zstd",
            "unreadable_compress"),
    /** The provider cannot be reached, or has a fault of its own. */
    AWAY(
            "server_error",
            "temporarily_unavailable",
            "slow_down",
            "rate_limited",
            "provider_unreachable",
            "provider_timeout",
            "provider_busy",
            "reply_timeout",
            "reply_lost",
            "reply_too_large",
            "unreadable_reply",
            "discovery_busy",
            "discovery_failed"),
    /** The forward proxy does not lead to the provider. */
    NO_ROUTE("proxy_unreachable", "proxy_credentials", "proxy_refused", "proxy_failed"),
    /** The provider wants the person to do something first. */
    SIGN_IN("interaction_required", "login_required", "consent_required"),
    /** The provider did not complete the flow, or gave a code that nobody knows. */
    UNFINISHED("no_code", "no_token", "invalid_grant", "provider_error", "expired_on_arrival", "other");

    private static final Map<String, SessionEnd> BY_CODE = byCode();

    private final List<String> codes;

    SessionEnd(String... codes) {
        this.codes = List.of(codes);
    }

    /** The end that {@code code} means. */
    static SessionEnd of(String code) {
        return BY_CODE.getOrDefault(code, UNFINISHED);
    }

    /** Whether the person refused, so that there is nothing to mend. */
    public boolean isRefusal() {
        return this == DENIED;
    }

    /** Whether the table has {@code code}. */
    static boolean knows(String code) {
        return BY_CODE.containsKey(code);
    }

    private static Map<String, SessionEnd> byCode() {
        Map<String, SessionEnd> ends = new HashMap<>();
        for (SessionEnd end : values()) {
            end.codes.forEach(code -> ends.put(code, end));
        }
        return Map.copyOf(ends);
    }
}
