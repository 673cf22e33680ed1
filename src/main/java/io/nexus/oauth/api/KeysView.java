package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The master keys.
 *
 * @param keys those that a replica holds or something refers to
 * @param countedAt when the rows were counted, or null
 * @param counting whether they are being counted anew: until then no key is called retirable
 * @param rotation the newest rotation, or null
 */
public record KeysView(
        List<KeyView> keys,
        @Nullable Instant countedAt,
        boolean counting,
        @Nullable RotationView rotation) {}
