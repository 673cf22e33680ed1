package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * Reports that the provider's API refused a token.
 *
 * @param version the {@code version} that the token had when it was handed out. Required
 */
public record RejectionRequest(@Nullable Long version) {}
