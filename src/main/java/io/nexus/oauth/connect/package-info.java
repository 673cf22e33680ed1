/**
 * Runs the authorization code flow (RFC 6749 section 4.1 with PKCE, RFC 7636): the one-time link, the binding of the browser,
 * and the callback.
 */
@NullMarked
package io.nexus.oauth.connect;

import org.jspecify.annotations.NullMarked;
