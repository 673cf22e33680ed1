/**
 * Talks to authorization servers. A provider is data (the catalogue), not a subclass. One token endpoint client
 * ({@code TokenEndpoint}) sends the codes and refresh tokens of all providers.
 *
 * <p>Provider files are read in {@code provider.catalogue}, the metadata of servers in {@code provider.metadata}, responses in {@code
 * provider.reply}; one HTTP request is in {@code provider.egress}. Must not: follow a redirect, see the database, or repeat a request that may have used
 * a code or a refresh token; only {@code token.refresh} decides that. {@code ClientSecretFallback} repeats one after a failed client
 * authentication.
 */
@NullMarked
package io.nexus.oauth.provider;

import org.jspecify.annotations.NullMarked;
