package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * A report that the provider's API refused a token.
 *
 * @param version the version of the token, as it was handed out
 */
public record RejectionRequest(@Nullable Long version) {}
