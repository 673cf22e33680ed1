package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An access policy for callers of an issuer.
 *
 * @param issuer the {@code iss} of their tokens, or {@code certificate}
 * @param subject their {@code sub}, or the SPIFFE id or subject of their certificate; {@code *} matches one or more characters
 *     other than colon, slash and comma
 * @param tenants the tenants, or {@code *} alone for every tenant
 * @param roles the roles
 * @param providers limits access to credentials at these providers; all when null
 * @param users limits access to credentials of these users; all when null
 * @param scopes limits access to tokens with no other scopes; all when null
 */
public record PolicyRequest(
        @Nullable String issuer,
        @Nullable String subject,
        @Nullable List<String> tenants,
        @Nullable List<String> roles,
        @Nullable List<String> providers,
        @Nullable List<String> users,
        @Nullable List<String> scopes) {}
