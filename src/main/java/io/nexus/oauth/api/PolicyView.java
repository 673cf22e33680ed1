package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An access policy and its origin.
 *
 * @param name its name
 * @param origin {@code file} or {@code api}
 * @param state {@code active}; {@code shadowed} by a policy of that name in the file; {@code refused} when the row was changed
 *     outside the service, so that it grants nothing
 * @param issuer the {@code iss} of their tokens, or {@code certificate}
 * @param subject the callers to which it applies
 * @param tenants the tenants, or {@code *}
 * @param roles the roles
 * @param providers the providers to which access is limited, or null for all
 * @param users the users to which access is limited, or null for all
 * @param scopes the scopes to which access is limited, or null for all
 * @param updatedBy the caller that stored it, or null for a policy of the file
 * @param updatedAt the time when it was stored, or null
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
