package io.nexus.oauth.store.connection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Changes that wait for their notification, each once; sent one batch at a time. Bounded: beyond the limit one notification takes the
 * place of all, and the other replicas read everything again. Thread-safe.
 */
final class PendingNotifications {

    private static final int MAX_PENDING = 10_000;
    private static final int BATCH = 1_000;

    /** Stands for more changes than are kept. A receiver does not take it for an id, so it assumes that it missed some. */
    static final String TOO_MANY = "too-many";

    private final Set<String> ids = new LinkedHashSet<>();
    private boolean sending;

    synchronized void add(UUID id) {
        add(id.toString());
    }

    private void add(String id) {
        if (ids.contains(TOO_MANY)) {
            return;
        }
        ids.add(id);
        if (id.equals(TOO_MANY) || ids.size() > MAX_PENDING) {
            ids.clear();
            ids.add(TOO_MANY);
        }
    }

    /**
     * The next batch, which the caller ends with {@link #sent} or {@link #failed}; empty when there is none or a batch
     * is being sent.
     */
    synchronized List<String> take() {
        if (sending || ids.isEmpty()) {
            return List.of();
        }
        sending = true;
        List<String> batch = new ArrayList<>();
        Iterator<String> each = ids.iterator();
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
    synchronized void failed(Collection<String> retry) {
        sending = false;
        retry.forEach(this::add);
    }

    synchronized int size() {
        return ids.size();
    }
}
