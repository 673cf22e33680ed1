package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request for an API key.
 *
 * @param name its name
 * @param tenant the tenant it acts for; the caller's own when null
 * @param roles its roles
 * @param expiresIn its lifetime in seconds; the configured default when null
 */
public record ApiKeyRequest(
        @Nullable String name,
        @Nullable String tenant,
        @Nullable List<String> roles,
        @Nullable Long expiresIn) {}
