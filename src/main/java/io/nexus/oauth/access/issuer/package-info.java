/**
 * Verifies tokens of trusted issuers (RFC 7519, OpenID Connect Core 1.0) and signs people in at them. Caches the
 * issuers' keys and metadata.
 */
@NullMarked
package io.nexus.oauth.access.issuer;

import org.jspecify.annotations.NullMarked;
