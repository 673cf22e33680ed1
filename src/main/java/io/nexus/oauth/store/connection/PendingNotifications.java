package io.nexus.oauth.store.connection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Changes that wait for their notification, each once; sent one batch at a time. Bounded: changes beyond the limit are
 * dropped, because notifications are only hints. Thread-safe.
 */
final class PendingNotifications {

    private static final int MAX_PENDING = 10_000;
    private static final int BATCH = 1_000;

    private final Set<UUID> ids = new LinkedHashSet<>();
    private boolean sending;

    synchronized void add(UUID id) {
        if (ids.size() < MAX_PENDING) {
            ids.add(id);
        }
    }

    /**
     * The next batch, which the caller ends with {@link #sent} or {@link #failed}; empty when there is none or a batch
     * is being sent.
     */
    synchronized List<UUID> take() {
        if (sending || ids.isEmpty()) {
            return List.of();
        }
        sending = true;
        List<UUID> batch = new ArrayList<>();
        Iterator<UUID> each = ids.iterator();
        while (each.hasNext() && batch.size() < BATCH) {
            batch.add(each.next());
            each.remove();
        }
        return batch;
    }

    synchronized void sent() {
        sending = false;
    }

    /** Ends a batch of which {@code retry} are sent again later. */
    synchronized void failed(Collection<UUID> retry) {
        sending = false;
        retry.forEach(this::add);
    }

    synchronized int size() {
        return ids.size();
    }
}
