/**
 * Keeps the grant between the provider and the database: sealing, the journal of unstored responses, their persistence
 * and replay, the cache of credentials, and the rules of when a refresh is due ({@code RefreshPolicy}).
 *
 * <p>The request to the provider is in {@code token.refresh}, journal files are in {@code store.journal}, SQL is in
 * {@code store}. Must not: give a caller a response whose new refresh token is neither in the journal nor in the
 * database.
 */
@NullMarked
package io.nexus.oauth.token.grant;

import org.jspecify.annotations.NullMarked;
