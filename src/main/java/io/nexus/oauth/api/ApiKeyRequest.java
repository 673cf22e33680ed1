package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API key to be made.
 *
 * @param name what people call it
 * @param tenant the tenant it acts for; the caller's own when null
 * @param roles its roles
 * @param expiresIn seconds it lives; the configured default when null
 */
public record ApiKeyRequest(
        @Nullable String name,
        @Nullable String tenant,
        @Nullable List<String> roles,
        @Nullable Long expiresIn) {}
