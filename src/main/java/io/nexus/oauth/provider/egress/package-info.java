/**
 * Carries single HTTP exchanges to servers outside: which addresses may be connected to, which certificates count, how much of
 * a body is read.
 *
 * <p>Must not: repeat a request or follow a redirect. The caller decides both.
 */
@NullMarked
package io.nexus.oauth.provider.egress;

import org.jspecify.annotations.NullMarked;
