package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Creates an API key.
 *
 * @param name a name that people recognise the key by. Required
 * @param tenant the tenant that the key acts for. The default is the caller's own
 * @param roles the roles of the key: {@code token-reader}, {@code token-exchanger}, {@code connector}, {@code tenant-admin}, {@code admin}, {@code
 *     auditor}, {@code exporter}. Required
 * @param expiresIn the lifetime in seconds. The default is {@code nexus.oauth.access.key-lifetime}
 */
public record ApiKeyRequest(
        @Nullable String name,
        @Nullable String tenant,
        @Nullable List<String> roles,
        @Nullable Long expiresIn) {}
