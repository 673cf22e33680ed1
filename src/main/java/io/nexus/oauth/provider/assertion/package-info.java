/**
 * JWTs that authenticate an OAuth client (RFC 7521 section 4.2, RFC 7523 section 2.2), and the keys that sign them. jose4j signs and reads
 * keys.
 *
 * <p>Which key is used when is a decision of {@code token.client}. Must not: print a private key or an assertion, or sign on an event
 * loop.
 */
@NullMarked
package io.nexus.oauth.provider.assertion;

import org.jspecify.annotations.NullMarked;
