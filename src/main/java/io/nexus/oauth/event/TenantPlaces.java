package io.nexus.oauth.event;

import io.nexus.oauth.credential.TenantId;
import java.util.HashMap;
import java.util.Map;

/**
 * Places in memory that tenants share. A tenant gets a place as long as it has fewer than are free. So one tenant takes half of them at
 * most, and there is always room for another. Safe for concurrent use; never blocks.
 */
public final class TenantPlaces {

    private final int capacity;

    // guarded by this
    private final Map<TenantId, Integer> taken = new HashMap<>();
    private int size;

    public TenantPlaces(int capacity) {
        this.capacity = capacity;
    }

    /** Takes a place for {@code tenant}. False if it has its share. */
    public synchronized boolean take(TenantId tenant) {
        int present = taken.getOrDefault(tenant, 0);
        if (present >= capacity - size) {
            return false;
        }
        taken.put(tenant, present + 1);
        size++;
        return true;
    }

    /** Frees a place that {@code tenant} took. */
    public synchronized void free(TenantId tenant) {
        taken.computeIfPresent(tenant, (who, present) -> present == 1 ? null : Integer.valueOf(present - 1));
        size--;
    }

    /** The number of taken places. */
    public synchronized int size() {
        return size;
    }
}
