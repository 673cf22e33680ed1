package io.nexus.oauth.keys;

import io.nexus.oauth.store.keys.ReplicaStore.Replica;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Until when the replicas were heard to use a key: to seal under it, or to hold an answer that is sealed under it and still to be stored.
 * What was counted before that does not show all rows that refer to the key. Times are those of {@link System#nanoTime()}. Safe for use
 * by several threads.
 */
final class KeyUse {

    private final Map<String, Long> lastUsed = new HashMap<>();
    private Set<String> inUse = Set.of();
    private @Nullable Long changedAt;

    /** The replicas are like this {@code now}. */
    synchronized void heard(List<Replica> replicas, long now) {
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

    /** One of them, or this one, began to seal under another key. */
    synchronized void changed(long at) {
        Long last = changedAt;
        if (last == null || at - last > 0) {
            changedAt = at;
        }
    }

    /**
     * Whether nobody began to seal under another key since {@code then}, and no key that is out of use now was in use since. False before
     * anything was heard.
     */
    synchronized boolean isSettledSince(long then) {
        Long last = changedAt;
        return last != null
                && then - last > 0
                && lastUsed.entrySet().stream()
                        .allMatch(each -> inUse.contains(each.getKey()) || then - each.getValue() > 0);
    }
}
