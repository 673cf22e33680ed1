package io.nexus.oauth.rest;

import java.util.Locale;

/** The problem types of the API, with HTTP status and title. Both are stable. */
enum ProblemType {
    INVALID_REQUEST(400, "The request is not valid"),
    UNAUTHORIZED(401, "The caller is not known"),
    FORBIDDEN(403, "The caller may not do this"),
    NOT_FOUND(404, "There is nothing here"),
    CREDENTIAL_NOT_FOUND(404, "There is no such credential"),
    METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
    NOT_ACCEPTABLE(406, "The answer has another media type"),
    REQUEST_TIMEOUT(408, "The body did not come in time"),
    CONFLICT(409, "The change does not fit the stored state"),
    REAUTHORIZATION_REQUIRED(409, "The user has to connect the account again"),
    INSUFFICIENT_SCOPE(409, "The user has to allow more"),
    QUOTA_EXCEEDED(409, "The tenant's quota is used up"),
    CREDENTIAL_REVOKED(410, "The credential was revoked"),
    TENANT_SHREDDED(410, "The tenant was shredded"),
    PRECONDITION_FAILED(412, "There is one already"),
    PAYLOAD_TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body has another media type"),
    TOO_MANY_REFRESHES(429, "The credential was refreshed just now"),
    TOO_MANY_CONNECT_SESSIONS(429, "Too many links are waiting to be used"),
    CREDENTIAL_UNREADABLE(500, "The stored secrets cannot be read"),
    INTERNAL(500, "Something went wrong here"),
    PROVIDER_REJECTED(502, "The provider refused"),
    PROVIDER_MISCONFIGURED(502, "The provider is misconfigured here"),
    PROVIDER_UNAVAILABLE(503, "The provider cannot be used now"),
    ISSUER_UNAVAILABLE(503, "The keys of the caller's issuer cannot be had now"),
    KEYS_UNSETTLED(503, "This replica must not seal anything now"),
    STORAGE_UNAVAILABLE(503, "The database cannot be used now"),
    SHUTTING_DOWN(503, "This replica is about to end");

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /** The stable URI of the type. */
    String uri() {
        return "urn:nexus-oauth:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
