package io.nexus.oauth.keys;

import io.nexus.oauth.store.keys.ReplicaStore.Replica;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records until when the replicas used a key: sealed under it, or held a journal entry under it that is not stored yet. A
 * count that began before then may miss rows that refer to the key. Times are those of {@link System#nanoTime()}. Safe for
 * concurrent use.
 */
final class KeyUsageTracker {

    private final Map<String, Long> lastUsed = new HashMap<>();
    private Set<String> inUse = Set.of();
    private @Nullable Long changedAt;

    /** Records the state of the replicas at {@code now}. */
    synchronized void observe(List<Replica> replicas, long now) {
        Set<String> used = new HashSet<>();
        for (Replica each : replicas) {
            used.addAll(each.journalKeyIds());
            if (each.live()) {
                used.add(each.sealingId());
                changed(now - each.sealingFor().toNanos());
            }
        }
        if (changedAt == null) {
            changed(now);
        }
        used.forEach(id -> lastUsed.put(id, now));
        inUse = used;
    }

    /** Records that a replica began to seal under another key. */
    synchronized void changed(long at) {
        Long last = changedAt;
        if (last == null || at - last > 0) {
            changedAt = at;
        }
    }

    /**
     * Whether since {@code then} no replica began to seal under another key, and no key went out of use. False before the
     * first {@link #observe}.
     */
    synchronized boolean isUnchangedSince(long then) {
        Long last = changedAt;
        return last != null
                && then - last > 0
                && lastUsed.entrySet().stream()
                        .allMatch(each -> inUse.contains(each.getKey()) || then - each.getValue() > 0);
    }
}
