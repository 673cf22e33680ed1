/**
 * A small authorization server for trials without an account at a provider: authorization, tokens, revocation, user
 * info.
 *
 * <p>The database of local mode is in {@code embedded}; the client side of OAuth is in {@code provider}. Must not: be
 * active in production, or use the service's own rooms except {@code credential}.
 */
@NullMarked
package io.nexus.oauth.sandbox;

import org.jspecify.annotations.NullMarked;
