/**
 * Names the caller: tenant, principal, roles and the limits of what the caller may touch. The values that the rest of {@code access}
 * produces.
 */
@NullMarked
package io.nexus.oauth.access.caller;

import org.jspecify.annotations.NullMarked;
