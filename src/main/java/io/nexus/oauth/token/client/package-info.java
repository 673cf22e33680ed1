/**
 * Finds the OAuth clients of each tenant, and limits the requests of each client to its provider: concurrency
 * ({@code ClientLimiter}) and circuit breaker. A provider's {@code Retry-After} for a whole client is honoured here.
 *
 * <p>The table of clients is {@code store.ClientStore}. Must not: send a request, or limit callers of the API
 * ({@code rest} does).
 */
@NullMarked
package io.nexus.oauth.token.client;

import org.jspecify.annotations.NullMarked;
