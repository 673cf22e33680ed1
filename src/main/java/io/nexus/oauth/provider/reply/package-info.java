/**
 * Reads the responses of authorization servers: token responses (RFC 6749 section 5), lifetimes, {@code Retry-After},
 * revocation and identity answers. Every response gets a verdict ({@code TokenReply}), and a refresh token in a
 * response is kept even if other fields are invalid.
 *
 * <p>The action that follows a verdict is in {@code token.refresh.RefreshAttempt}; limits of a whole client are in
 * {@code token.client}. Must not: send a request or wait.
 */
@NullMarked
package io.nexus.oauth.provider.reply;

import org.jspecify.annotations.NullMarked;
