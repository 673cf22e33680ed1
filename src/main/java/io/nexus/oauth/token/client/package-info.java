/**
 * Finds the OAuth clients of each tenant, and limits the requests of each client to its provider: concurrency
 * ({@code ClientLimiter}) and outages ({@code CircuitBreaker}). The circuit breaker honours a provider's {@code Retry-After} for a whole
 * client; {@code token.refresh.RefreshAttempt} honours one for a single grant.
 *
 * <p>The table of clients is {@code store.ClientStore}. Must not: send a request, or limit callers of the API
 * ({@code rest} does).
 */
@NullMarked
package io.nexus.oauth.token.client;

import org.jspecify.annotations.NullMarked;
