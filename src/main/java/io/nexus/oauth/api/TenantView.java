package io.nexus.oauth.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant has.
 *
 * @param tenant its name
 * @param credentials how many credentials it has in each status
 * @param pendingRevocations revocations that providers have not confirmed
 * @param clients OAuth clients registered for it by REST
 * @param keyId which key of its own seals its secrets; missing before the first one, and when it was shredded
 * @param shreddedAt when its keys were destroyed; missing when they were not
 * @param shreddedBy who did it
 */
public record TenantView(
        String tenant,
        Map<String, Long> credentials,
        long pendingRevocations,
        long clients,
        @Nullable String keyId,
        @Nullable Instant shreddedAt,
        @Nullable String shreddedBy) {}
