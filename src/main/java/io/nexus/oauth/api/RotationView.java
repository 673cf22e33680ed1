package io.nexus.oauth.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A rotation of the master key.
 *
 * @param keyId what everything is sealed under in the end
 * @param state {@code running} or {@code done}
 * @param done rows that were sealed anew
 * @param total rows under other keys at the beginning; null until they are counted
 * @param unreadable rows of this pass that do not open and were left as they are
 * @param startedBy who asked for it
 * @param startedAt when it began
 * @param updatedAt when it last went on
 * @param endedAt when it ended, or null
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
