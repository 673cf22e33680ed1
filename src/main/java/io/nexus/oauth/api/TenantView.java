package io.nexus.oauth.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The possessions of a tenant: its credentials, its OAuth clients and its key.
 *
 * @param tenant its name
 * @param credentials the number of its credentials by status
 * @param credentialsLimit the most credentials that are not revoked; null when there is no limit
 * @param pendingRevocations revocations that providers have not confirmed
 * @param clients OAuth clients that are registered for it by REST
 * @param keyId the tenant's own key that seals its secrets; null before the first secret and after shredding
 * @param shreddedAt when its keys were destroyed; null when they were not
 * @param shreddedBy the caller that shredded it; null when it was not shredded
 */
public record TenantView(
        String tenant,
        Map<String, Long> credentials,
        @Nullable Long credentialsLimit,
        long pendingRevocations,
        long clients,
        @Nullable String keyId,
        @Nullable Instant shreddedAt,
        @Nullable String shreddedBy) {}
