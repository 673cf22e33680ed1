/**
 * Hands out access tokens that work. Start reading at {@link io.nexus.oauth.token.TokenManager}.
 *
 * <p>A refresh is claim (one UPDATE, a lease with an epoch), provider call with no connection held, persist fenced by the
 * epoch. Every trigger (a read, the schedule, a force) goes through the one refresher; callers of one credential share one
 * flight, and a caller who goes away never cancels it.
 */
@NullMarked
package io.nexus.oauth.token;

import org.jspecify.annotations.NullMarked;
