package io.nexus.oauth.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to export grants.
 *
 * @param publicKey the public key to encrypt with, as a JWK (RFC 7517): EC, or RSA of 2048 bits or more
 * @param provider only grants at this provider, or null for all
 * @param user only grants of this user, or null for all
 */
public record ExportRequest(
        @Nullable Map<String, Object> publicKey,
        @Nullable String provider,
        @Nullable String user) {}
