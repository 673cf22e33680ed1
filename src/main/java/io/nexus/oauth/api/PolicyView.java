package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy and its origin.
 *
 * @param name its name
 * @param origin {@code file} or {@code api}
 * @param state {@code active}: it grants what it says; {@code shadowed}: the policy file has a policy with the same name, so
 *     this one grants nothing; {@code refused}: the row is not what the service stored, so it grants nothing
 * @param issuer the {@code iss} of their tokens, or {@code certificate}
 * @param subject the subject that it is for
 * @param tenants the tenants, or {@code *}
 * @param roles the roles
 * @param providers the limit to providers; null when there is none
 * @param users the limit to users; null when there is none
 * @param scopes the limit to scopes; null when there is none
 * @param updatedBy the caller that stored it; null for a policy of the file
 * @param updatedAt when it was stored; null for a policy of the file
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
