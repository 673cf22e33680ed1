/**
 * Values that describe the caller: principal, tenant, roles and access limits. The rest of {@code access} produces
 * them.
 */
@NullMarked
package io.nexus.oauth.access.caller;

import org.jspecify.annotations.NullMarked;
