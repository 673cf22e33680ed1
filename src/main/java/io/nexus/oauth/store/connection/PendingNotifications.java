package io.nexus.oauth.store.connection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Changes that wait to be sent, each once. Told one batch at a time. Bounded: what does not fit is lost, as any hint may be. */
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

    /** The next batch, which the caller ends with {@link #sent} or {@link #failed}; empty when there is none or one is being sent. */
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

    /** Ends a batch of which {@code retry} are to be sent later. */
    synchronized void failed(Collection<UUID> retry) {
        sending = false;
        retry.forEach(this::add);
    }

    synchronized int size() {
        return ids.size();
    }
}
