package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A request to shred a tenant.
 *
 * @param force whether to shred even if grants are not revoked at their providers yet; false when missing
 */
public record ShredRequest(@Nullable Boolean force) {}
