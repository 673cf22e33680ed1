package io.nexus.oauth.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tenant and its data.
 *
 * @param tenant its name
 * @param credentials the number of credentials by status
 * @param pendingRevocations the number of revocations that providers have not confirmed
 * @param clients the number of OAuth clients registered through the API
 * @param keyId the id of the tenant's own key; missing before the first secret and after shredding
 * @param shreddedAt the time when its keys were destroyed; missing otherwise
 * @param shreddedBy the caller that shredded it
 */
public record TenantView(
        String tenant,
        Map<String, Long> credentials,
        long pendingRevocations,
        long clients,
        @Nullable String keyId,
        @Nullable Instant shreddedAt,
        @Nullable String shreddedBy) {}
