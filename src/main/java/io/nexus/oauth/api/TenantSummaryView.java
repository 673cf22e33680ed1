package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A tenant that the caller may name.
 *
 * @param tenant its name
 * @param credentials the number of its credentials that are not revoked; null unless the caller has the role admin for all
 *     tenants
 * @param shreddedAt when its keys were destroyed; null when they were not, or when the caller may not know
 */
public record TenantSummaryView(
        String tenant, @Nullable Long credentials, @Nullable Instant shreddedAt) {}
