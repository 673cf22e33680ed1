package io.nexus.oauth.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An export of grants.
 *
 * @param publicKey the public key that they are sealed to, as a JWK (RFC 7517): EC, or RSA of 2048 bits or more
 * @param provider only those at this provider, or null
 * @param user only those of this user, or null
 */
public record ExportRequest(
        @Nullable Map<String, Object> publicKey,
        @Nullable String provider,
        @Nullable String user) {}
