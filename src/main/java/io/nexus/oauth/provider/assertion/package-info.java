/**
 * JWTs that authenticate an OAuth client (RFC 7521 section 4.2, RFC 7523 section 2.2), the keys that sign them, and the certificates of
 * such keys, which a client shows in place of a JWT (RFC 8705 section 2). jose4j signs and reads keys.
 *
 * <p>Which key is used when is a decision of {@code token.client}. Must not: print a private key or an assertion, or sign on an event
 * loop.
 */
@NullMarked
package io.nexus.oauth.provider.assertion;

import org.jspecify.annotations.NullMarked;
