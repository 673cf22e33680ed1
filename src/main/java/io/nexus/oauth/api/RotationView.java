package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A rotation of the master keys.
 *
 * @param keyId the key that seals everything in the end
 * @param state {@code running}: the rotation seals rows in the background; {@code done}: no row is sealed under another key,
 *     apart from unreadable ones
 * @param done rows that the rotation has sealed
 * @param total rows under other keys at the start; null until they are counted
 * @param unreadable rows that do not open. The rotation leaves them as they are
 * @param startedBy the caller that started it
 * @param startedAt when it started
 * @param updatedAt when it made progress last
 * @param endedAt when it ended; null while it runs
 */
public record RotationView(
        String keyId,
        String state,
        long done,
        @Nullable Long total,
        long unreadable,
        String startedBy,
        Instant startedAt,
        Instant updatedAt,
        @Nullable Instant endedAt) {}
