package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy and where it comes from.
 *
 * @param name its name
 * @param origin {@code file} or {@code api}
 * @param state {@code active}; {@code shadowed} while the file has a policy of that name; {@code refused} when the row is not what was stored here, so that it grants nothing
 * @param issuer the {@code iss} of their tokens, or {@code certificate}
 * @param subject whom it is for
 * @param tenants the tenants, or {@code *}
 * @param roles the roles
 * @param providers only credentials at these providers, or null
 * @param users only credentials of these users, or null
 * @param scopes only tokens without any other scope, or null
 * @param updatedBy who stored it, or null when it is of the file
 * @param updatedAt when, or null
 */
public record PolicyView(
        @Nullable String name,
        String origin,
        String state,
        @Nullable String issuer,
        @Nullable String subject,
        @Nullable List<String> tenants,
        @Nullable List<String> roles,
        @Nullable List<String> providers,
        @Nullable List<String> users,
        @Nullable List<String> scopes,
        @Nullable String updatedBy,
        @Nullable Instant updatedAt) {}
