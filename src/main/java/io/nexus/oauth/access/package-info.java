/**
 * Authenticates callers: API keys, certificates, page sessions. The tenant of a request comes from the caller's
 * identity only.
 */
@NullMarked
package io.nexus.oauth.access;

import org.jspecify.annotations.NullMarked;
