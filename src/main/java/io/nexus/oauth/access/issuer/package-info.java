/**
 * Verifies tokens of trusted issuers (RFC 7519, OpenID Connect Core 1.0) and signs people in to the pages at them.
 * Caches the issuers' keys and metadata. {@code ClaimMapping} turns claims into subject, tenant and roles.
 *
 * <p>These issuers identify callers. The authorization servers whose grants the service keeps are in {@code provider}.
 * Must not: trust a key that a token carries or points to.
 */
@NullMarked
package io.nexus.oauth.access.issuer;

import org.jspecify.annotations.NullMarked;
