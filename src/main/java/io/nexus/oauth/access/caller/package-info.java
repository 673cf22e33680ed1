/**
 * Values that describe the caller: principal, tenant, roles, role bindings, and the settings of access. The limits of
 * a caller are {@code credential.AccessLimits}.
 *
 * <p>{@code access} produces these values, {@code access.policy} adds roles. Must not: authenticate, or read a
 * request.
 */
@NullMarked
package io.nexus.oauth.access.caller;

import org.jspecify.annotations.NullMarked;
