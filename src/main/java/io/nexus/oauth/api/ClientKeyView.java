package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key that signs the assertions of an OAuth client, without its private part.
 *
 * @param kid the key id in the published key set
 * @param alg the algorithm
 * @param state {@code next}: published, and not used yet; {@code current}: signs; {@code previous}: tried when the provider rejects the
 *     current one; {@code retired}: neither used nor published
 * @param brought whether it was brought; else the service made it
 * @param activeFrom from when on it signs
 * @param retiresAt until when it is published; null while no other key replaces it
 */
public record ClientKeyView(
        String kid,
        String alg,
        String state,
        boolean brought,
        Instant activeFrom,
        @Nullable Instant retiresAt) {}
