/**
 * Gives callers valid access tokens, and revokes grants. Start reading at {@link io.nexus.oauth.token.TokenManager}.
 *
 * <p>A refresh has three steps. The service takes a lease on the row (one UPDATE, with an epoch). It asks the provider and
 * holds no database connection meanwhile. It stores the response, fenced by the epoch. Every trigger (a read, the schedule, a
 * forced refresh) uses the same refresher. Callers of one credential share one refresh, and a caller that disconnects does
 * not cancel it.
 */
@NullMarked
package io.nexus.oauth.token;

import org.jspecify.annotations.NullMarked;
