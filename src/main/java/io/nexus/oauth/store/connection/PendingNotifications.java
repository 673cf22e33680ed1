package io.nexus.oauth.store.connection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Changes that wait to be told, each once. Told one batch at a time. Bounded: what does not fit is lost, as any hint may be. */
final class PendingNotifications {

    private static final int MOST = 10_000;
    private static final int BATCH = 1_000;

    private final Set<UUID> ids = new LinkedHashSet<>();
    private boolean telling;

    synchronized void add(UUID id) {
        if (ids.size() < MOST) {
            ids.add(id);
        }
    }

    /** The next batch, which the caller ends with {@link #told} or {@link #notTold}; empty when there is none or one is being told. */
    synchronized List<UUID> take() {
        if (telling || ids.isEmpty()) {
            return List.of();
        }
        telling = true;
        List<UUID> batch = new ArrayList<>();
        Iterator<UUID> each = ids.iterator();
        while (each.hasNext() && batch.size() < BATCH) {
            batch.add(each.next());
            each.remove();
        }
        return batch;
    }

    synchronized void told() {
        telling = false;
    }

    /** Ends a batch of which {@code again} are to be told later. */
    synchronized void notTold(Collection<UUID> again) {
        telling = false;
        again.forEach(this::add);
    }

    synchronized int size() {
        return ids.size();
    }
}
