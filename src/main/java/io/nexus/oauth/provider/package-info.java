/**
 * Talks to authorization servers. A provider is data (the catalogue), not a subclass; one token endpoint client
 * carries every provider's spend.
 *
 * <p>Must not: retry, follow a redirect, or see the database. A refresh is a non-idempotent spend and its repetition is the
 * business of the refresh protocol in {@code token}.
 */
@NullMarked
package io.nexus.oauth.provider;

import org.jspecify.annotations.NullMarked;
