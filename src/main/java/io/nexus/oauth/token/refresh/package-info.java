/**
 * Refreshes tokens: takes a lease on one credential, asks the provider once, stores the response under the fence.
 *
 * <p>Every trigger uses {@code TokenRefresher}. The package also holds the scheduler, the confirmation of refused grants and
 * the watchdog.
 */
@NullMarked
package io.nexus.oauth.token.refresh;

import org.jspecify.annotations.NullMarked;
