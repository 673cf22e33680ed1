package io.nexus.oauth.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Exports grants, each sealed to a public key.
 *
 * @param publicKey the public key as a JWK (RFC 7517): EC, or RSA with at least 2048 bits. Required
 * @param provider only grants at this provider
 * @param user only grants of this user
 * @param state only grants in this state: {@code valid}, {@code expiring}, {@code expired}, {@code reconnect_required}
 */
public record ExportRequest(
        @Nullable Map<String, Object> publicKey,
        @Nullable String provider,
        @Nullable String user,
        @Nullable String state) {}
