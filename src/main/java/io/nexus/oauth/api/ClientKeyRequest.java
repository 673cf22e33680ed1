package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * Asks for the next key of an OAuth client.
 *
 * @param compromised whether somebody else may know the present key. The new key then signs at once, and the present one is deleted: the
 *     provider rejects the client until it has read the new key
 */
public record ClientKeyRequest(@Nullable Boolean compromised) {}
