/**
 * Talks to authorization servers. A provider is data (the catalogue), not a subclass. One token endpoint client
 * ({@code TokenEndpoint}) sends the codes and refresh tokens of all providers.
 *
 * <p>Provider files are read in {@code provider.catalogue}, responses in {@code provider.reply}, one HTTP request is
 * in {@code provider.egress}. Must not: retry, follow a redirect, or see the database. A refresh is not idempotent;
 * only the refresh protocol in {@code token.refresh} decides whether to repeat one.
 */
@NullMarked
package io.nexus.oauth.provider;

import org.jspecify.annotations.NullMarked;
