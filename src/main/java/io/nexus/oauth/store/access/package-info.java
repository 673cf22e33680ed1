/**
 * The tables of API keys, access policies and page sessions.
 *
 * <p>Roles are decided in {@code access} and {@code access.policy}. Must not: see an API key or a session's cookie; it
 * stores digests.
 */
@NullMarked
package io.nexus.oauth.store.access;

import org.jspecify.annotations.NullMarked;
