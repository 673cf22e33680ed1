/**
 * Machine connections: they are created with their first token, by the API or by the configuration. From then on they are credentials
 * like all others, which {@code token.refresh} refreshes.
 *
 * <p>The request itself is {@code provider.TokenEndpoint}'s. Must not: refresh, or store anything but by {@code TokenManager}.
 */
@NullMarked
package io.nexus.oauth.token.machine;

import org.jspecify.annotations.NullMarked;
