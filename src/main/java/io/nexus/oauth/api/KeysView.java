package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The master keys.
 *
 * @param keys the keys that a replica holds or that stored data needs
 * @param countedAt the time when the rows were counted, or null
 * @param counting whether the service is counting rows; meanwhile no key is retirable
 * @param rotation the latest rotation, or null
 */
public record KeysView(
        List<KeyView> keys,
        @Nullable Instant countedAt,
        boolean counting,
        @Nullable RotationView rotation) {}
