/**
 * Exchanges the tokens of users at providers for tokens of APIs (RFC 8693, Microsoft's on-behalf-of, identity assertion grants), and
 * keeps the issued tokens in memory until the first of both tokens ends.
 *
 * <p>The door at which callers exchange is {@code rest.exchange}'s, and the request itself {@code provider.TokenEndpoint}'s. Must not:
 * store a token, verify the token of a user ({@code access.issuer} does), or hand out the token of a connected account.
 */
@NullMarked
package io.nexus.oauth.token.exchange;

import org.jspecify.annotations.NullMarked;
