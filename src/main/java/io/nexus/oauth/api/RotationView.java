package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A rotation of the master key.
 *
 * @param keyId the new key
 * @param state {@code running} or {@code done}
 * @param done the number of re-encrypted rows
 * @param total the number of rows under other keys at the start; null until they are counted
 * @param unreadable the number of rows that cannot be decrypted and were not changed
 * @param startedBy the caller that started it
 * @param startedAt the time of the start
 * @param updatedAt the time of the last progress
 * @param endedAt the time of the end, or null
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
