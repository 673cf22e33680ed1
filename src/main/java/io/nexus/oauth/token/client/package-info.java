/**
 * Finds the OAuth clients of each tenant, and limits the requests of each client to its provider: concurrency and circuit
 * breaker.
 */
@NullMarked
package io.nexus.oauth.token.client;

import org.jspecify.annotations.NullMarked;
