/**
 * Knows the OAuth clients of each tenant, and limits what each client sends to its provider (concurrency and circuit breaker).
 */
@NullMarked
package io.nexus.oauth.token.client;

import org.jspecify.annotations.NullMarked;
