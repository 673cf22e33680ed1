package io.nexus.oauth.token.refresh;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the refreshes of the schedule in flight, over all providers. A provider gets at most half of the free places, so there is
 * always room for another. Safe for concurrent use; never blocks.
 */
final class InFlightRefreshes {

    /** The most refreshes at once: fewer than the statements that the pool lets wait, because all may end together. */
    static final int MAX = 192;

    private final AtomicInteger count = new AtomicInteger();

    /** The most places that one provider gets now. */
    int share() {
        return share(count.get());
    }

    /** Takes {@code wanted} places for one provider, or its {@link #share()} if that is less. Returns how many. */
    int take(int wanted) {
        int before = count.getAndUpdate(now -> now + Math.min(wanted, share(now)));
        return Math.min(wanted, share(before));
    }

    /** Frees {@code places}. */
    void free(int places) {
        count.addAndGet(-places);
    }

    /** The number of refreshes in flight. */
    int count() {
        return count.get();
    }

    private static int share(int taken) {
        return (MAX - taken + 1) / 2;
    }
}
