package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * How to shred a tenant.
 *
 * @param force whether to shred although a provider has not confirmed a revocation. The default is {@code false}
 */
public record ShredRequest(@Nullable Boolean force) {}
