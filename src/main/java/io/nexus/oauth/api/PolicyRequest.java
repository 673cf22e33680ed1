package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Grants permissions to callers of an issuer.
 *
 * @param issuer the {@code iss} of their tokens, or {@code certificate}. Required
 * @param subject their {@code sub}, or the SPIFFE id or subject of their certificate. {@code *} stands for one or more
 *     characters other than colon, slash and comma. Required
 * @param tenants the tenants, or {@code *} alone for every tenant. Required
 * @param roles the roles. Required
 * @param providers limits the callers to credentials at these providers
 * @param users limits the callers to credentials of these users
 * @param scopes limits the callers to tokens without any other scope
 */
public record PolicyRequest(
        @Nullable String issuer,
        @Nullable String subject,
        @Nullable List<String> tenants,
        @Nullable List<String> roles,
        @Nullable List<String> providers,
        @Nullable List<String> users,
        @Nullable List<String> scopes) {}
