/**
 * Who is calling: caller, tenant, role. The tenant comes from the caller's identity and from nowhere else.
 */
@NullMarked
package io.nexus.oauth.access;

import org.jspecify.annotations.NullMarked;
