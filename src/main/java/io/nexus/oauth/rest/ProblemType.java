package io.nexus.oauth.rest;

import java.util.Locale;

/** The problem types of the API (RFC 9457): status, title, and what the caller should do. The reference page is made of this Javadoc. */
enum ProblemType {
    /**
     * The request has faults. {@code errors} names each one: {@code pointer} is a JSON pointer into the body, or the name of a
     * query parameter. The code {@code tenant_unclear} means that the caller acts for several tenants: name one in {@code
     * ?tenant=}.
     */
    INVALID_REQUEST(400, "The request is not valid"),
    /**
     * The request carries no valid credential, or more than one. Send exactly one: a token of a trusted issuer or an API key as
     * a bearer credential, an API key in {@code X-API-Key}, or a client certificate.
     */
    UNAUTHORIZED(401, "The caller is not known"),
    /**
     * The caller is known, but none of its roles and policies covers the request. Ask an administrator for a role or a policy.
     */
    FORBIDDEN(403, "The caller may not do this"),
    /** The path, or the named object, does not exist. */
    NOT_FOUND(404, "There is nothing here"),
    /**
     * The tenant has no such credential. Connect the account, or check the tenant: a credential of another tenant looks the
     * same.
     */
    CREDENTIAL_NOT_FOUND(404, "There is no such credential"),
    /** The path does not support the method. {@code Allow} lists the methods that it supports. */
    METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
    /** The response has another media type than {@code Accept} asks for. */
    NOT_ACCEPTABLE(406, "The answer has another media type"),
    /** The body did not arrive within {@code nexus.oauth.limits.body-timeout}. The service closes the connection. */
    REQUEST_TIMEOUT(408, "The body did not come in time"),
    /**
     * The change contradicts the stored state: the grant belongs to another account than the stored one, or an OAuth client was
     * sent with other {@code vars} and without its {@code client_secret}.
     */
    CONFLICT(409, "The change does not fit the stored state"),
    /** The grant has ended. Create a link at {@code connect_uri} with {@code credential_id} and send the user there. */
    REAUTHORIZATION_REQUIRED(409, "The user has to connect the account again"),
    /**
     * The grant lacks {@code missing_scopes}. Create a link at {@code connect_uri} with {@code credential_id} and {@code
     * scopes}, and send the user there.
     */
    INSUFFICIENT_SCOPE(409, "The user has to allow more"),
    /**
     * The tenant has as many credentials or API keys as it may have. The code names the limit: {@code credentials_per_tenant} or
     * {@code api_keys_per_tenant}. Revoke some, or ask the operator for more credentials.
     */
    QUOTA_EXCEEDED(409, "The tenant's quota is used up"),
    /** The credential was revoked in this service. {@code revoked_at} says when, if it is known. */
    CREDENTIAL_REVOKED(410, "The credential was revoked"),
    /** The tenant was shredded: its keys are destroyed for good. Its name cannot be used again; use another name. */
    TENANT_SHREDDED(410, "The tenant was shredded"),
    /** The account has a credential, and the caller sent {@code If-None-Match: *}. The stored credential stays as it is. */
    PRECONDITION_FAILED(412, "There is one already"),
    /** The body is larger than {@code quarkus.http.limits.max-body-size}. The service closes the connection. */
    PAYLOAD_TOO_LARGE(413, "The body is too large"),
    /** Path and query together have more than 24,576 characters. */
    URI_TOO_LONG(414, "The address is too long"),
    /** The body has a media type that the path does not accept. Send {@code Content-Type: application/json}. */
    UNSUPPORTED_MEDIA_TYPE(415, "The body has another media type"),
    /**
     * The token is younger than {@code nexus.oauth.refresh.min-interval}. Keep using it, or ask again after {@code
     * Retry-After}.
     */
    TOO_MANY_REFRESHES(429, "The credential was refreshed just now"),
    /**
     * Too many links are unused. The code {@code connect_sessions_per_caller} or {@code connect_sessions_per_tenant} names the
     * limit. Ask again after {@code Retry-After}. A link stops to count when it is used or expires.
     */
    TOO_MANY_CONNECT_SESSIONS(429, "Too many links are waiting to be used"),
    /** The stored secrets do not open: their master key is missing, or the row was changed. An operator has to read the log. */
    CREDENTIAL_UNREADABLE(500, "The stored secrets cannot be read"),
    /** The service failed unexpectedly. An operator has to read the log. */
    INTERNAL(500, "Something went wrong here"),
    /** The provider rejected the request. {@code code} is its error. */
    PROVIDER_REJECTED(502, "The provider refused"),
    /**
     * The OAuth client or the provider is configured wrongly. {@code code} says what is wrong, for example {@code
     * client_not_registered}, {@code invalid_client} or {@code client_changed}. An operator or tenant administrator has to
     * correct it.
     */
    PROVIDER_MISCONFIGURED(502, "The provider is misconfigured here"),
    /**
     * The provider is not available, and no valid token is left. Ask again after {@code Retry-After}. {@code code} says why.
     */
    PROVIDER_UNAVAILABLE(503, "The provider cannot be used now"),
    /**
     * The service cannot fetch the keys of the caller's issuer, so it cannot check the caller's token. Ask again after {@code
     * Retry-After}.
     */
    ISSUER_UNAVAILABLE(503, "The keys of the caller's issuer cannot be had now"),
    /**
     * This replica has no master key in common with the other replicas, so it must not store a secret. Ask again after {@code
     * Retry-After}; another replica can answer.
     */
    KEYS_UNSETTLED(503, "This replica must not seal anything now"),
    /** The database is not available, and no valid token is left in memory. Ask again after {@code Retry-After}. */
    STORAGE_UNAVAILABLE(503, "The database cannot be used now"),
    /**
     * This replica is shutting down. It has not started the request, so another replica can answer it after {@code
     * Retry-After}.
     */
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

    /** The stable URI. */
    String uri() {
        return "urn:nexus-oauth:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
