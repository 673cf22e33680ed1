/**
 * Finds the endpoints of an authorization server in its metadata (RFC 8414, OpenID Connect Discovery 1.0), and keeps the metadata in a
 * bounded cache.
 *
 * <p>{@code provider.Endpoints} decides between metadata and profile. Must not: know a client or a tenant's secrets.
 */
@NullMarked
package io.nexus.oauth.provider.metadata;

import org.jspecify.annotations.NullMarked;
