/**
 * Talks to authorization servers. A provider is data (the catalogue), not a subclass; one token endpoint client sends
 * the codes and refresh tokens of all providers.
 *
 * <p>Must not: retry, follow a redirect, or see the database. A refresh is not idempotent; only the refresh protocol in
 * {@code token} decides whether to repeat one.
 */
@NullMarked
package io.nexus.oauth.provider;

import org.jspecify.annotations.NullMarked;
