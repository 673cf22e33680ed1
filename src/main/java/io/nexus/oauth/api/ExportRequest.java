package io.nexus.oauth.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Exports grants, each sealed to a public key.
 *
 * @param publicKey the public key as a JWK (RFC 7517): EC, or RSA with at least 2048 bits. Required
 * @param provider only grants at this provider
 * @param user only grants of this user
 */
public record ExportRequest(
        @Nullable Map<String, Object> publicKey,
        @Nullable String provider,
        @Nullable String user) {}
