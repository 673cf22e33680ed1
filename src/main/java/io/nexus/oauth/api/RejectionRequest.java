package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A report that the provider's API rejected a token.
 *
 * @param version the version of the rejected token
 */
public record RejectionRequest(@Nullable Long version) {}
