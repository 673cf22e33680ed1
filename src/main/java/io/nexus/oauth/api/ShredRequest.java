package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * How to shred a tenant.
 *
 * @param force also when a provider was not asked to end a grant; missing means no
 */
public record ShredRequest(@Nullable Boolean force) {}
