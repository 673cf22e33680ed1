package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key of an OAuth client, without its private part: it signs assertions, or is that of the certificate that the client shows.
 *
 * @param kid the key id in the published key set
 * @param alg the algorithm
 * @param state {@code next}: published, and not used yet; {@code current}: signs; {@code previous}: tried when the provider rejects the
 *     current one; {@code retired}: neither used nor published
 * @param brought whether it was brought; else the service made it
 * @param activeFrom from when on it signs
 * @param retiresAt until when it is published; null while no other key replaces it
 * @param certificate its certificate; null when it was brought without one
 */
public record ClientKeyView(
        String kid,
        String alg,
        String state,
        boolean brought,
        Instant activeFrom,
        @Nullable Instant retiresAt,
        @Nullable Certificate certificate) {

    /**
     * A certificate.
     *
     * @param subject its distinguished name (RFC 2253)
     * @param sha256 its SHA-256 in hexadecimal digits
     * @param notAfter when it ends. Bring the next one before
     */
    public record Certificate(String subject, String sha256, Instant notAfter) {}
}
