package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What callers of an issuer may do.
 *
 * @param issuer the {@code iss} of their tokens, or {@code certificate}
 * @param subject their {@code sub}, or the SPIFFE id or subject of their certificate; {@code *} stands for one or more characters
 *     other than colon, slash and comma
 * @param tenants the tenants, or {@code *} alone for every tenant
 * @param roles the roles
 * @param providers only credentials at these providers; every one when null
 * @param users only credentials of these users; every one when null
 * @param scopes only tokens without any other scope; every one when null
 */
public record PolicyRequest(
        @Nullable String issuer,
        @Nullable String subject,
        @Nullable List<String> tenants,
        @Nullable List<String> roles,
        @Nullable List<String> providers,
        @Nullable List<String> users,
        @Nullable List<String> scopes) {}
