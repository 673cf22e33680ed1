/**
 * The authorization code flow (RFC 6749 section 4.1 with PKCE, RFC 7636): a one-time link, the browser's binding, the
 * callback.
 */
@NullMarked
package io.nexus.oauth.connect;

import org.jspecify.annotations.NullMarked;
