/**
 * Gives callers valid access tokens, and revokes grants. Start reading at {@link io.nexus.oauth.token.TokenManager}:
 * {@code TokenSource} decides which token a caller gets, {@code Revoker} revokes.
 *
 * <p>Refreshes are in {@code token.refresh}, sealing and storing of grants in {@code token.grant}, OAuth clients and
 * their limits in {@code token.client}. HTTP is in {@code rest}, statements are in {@code store}. Must not: send a
 * request except through {@code provider}.
 */
@NullMarked
package io.nexus.oauth.token;

import org.jspecify.annotations.NullMarked;
