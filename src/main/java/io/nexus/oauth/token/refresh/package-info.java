/**
 * Refreshes tokens: lease one credential, ask the provider once, persist the response under the fence.
 *
 * <p>Every trigger goes through {@code TokenRefresher}. The scheduler, the verdict on refused grants and the watchdogs live here.
 */
@NullMarked
package io.nexus.oauth.token.refresh;

import org.jspecify.annotations.NullMarked;
