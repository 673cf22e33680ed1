/**
 * Runs the authorization code flow (RFC 6749 section 4.1 with PKCE, RFC 7636): the one-time link, the binding of the
 * browser, and the callback.
 *
 * <p>Other ways in which a person connects an account, such as device authorization (RFC 8628), belong here too: a
 * flow beside {@code ConnectFlow}, its requests in {@code provider}, its state in {@code store.ConnectSessionStore}.
 * The pages are in {@code web.connect.ConnectPages}. Must not: store a grant; {@code token.TokenManager} does.
 */
@NullMarked
package io.nexus.oauth.connect;

import org.jspecify.annotations.NullMarked;
