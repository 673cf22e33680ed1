package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The master keys.
 *
 * @param keys the keys that a replica has, or that something refers to
 * @param countedAt when the rows were counted; null before the first count
 * @param counting whether the service is counting the rows again. Until it is done no key is {@code retirable}
 * @param rotation the newest rotation; null when there was none
 */
public record KeysView(
        List<KeyView> keys,
        @Nullable Instant countedAt,
        boolean counting,
        @Nullable RotationView rotation) {}
