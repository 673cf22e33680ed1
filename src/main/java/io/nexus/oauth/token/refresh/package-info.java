/**
 * Refreshes tokens: takes a lease on one credential (one UPDATE, with an epoch), asks the provider once and holds no
 * database connection meanwhile, stores the response fenced by the epoch. Every trigger uses {@code TokenRefresher}: a
 * read, the schedule, a forced refresh. Callers of one credential share one refresh, and a caller that disconnects
 * does not cancel it.
 *
 * <p>Also holds the scheduler, the confirmation of refused grants and the watchdog. Timers come from
 * {@code provider.catalogue}, statements are in {@code store.RefreshStore}. Must not: send a request without a lease,
 * or repeat one of unknown outcome, except within the provider's grace and under a renewed lease ({@code RefreshAttempt}).
 */
@NullMarked
package io.nexus.oauth.token.refresh;

import org.jspecify.annotations.NullMarked;
