package io.nexus.oauth.monitor;

import io.nexus.oauth.event.Activity;
import java.time.Duration;

/** The latest refreshes of this replica at one provider, {@value #MOST} at most. Safe for concurrent use. */
final class RecentRefreshes {

    static final int MOST = 100;

    private final boolean[] failed = new boolean[MOST];
    private final long[] millis = new long[MOST];
    private int next;
    private int count;

    /**
     * A summary.
     *
     * @param refreshes the number of refreshes
     * @param failed those that the provider or the configuration made fail
     * @param mean the mean time of one
     * @param longest the longest time of one
     */
    record Summary(int refreshes, int failed, Duration mean, Duration longest) {}

    synchronized void add(Activity.Refresh refresh, boolean isFailed) {
        failed[next] = isFailed;
        millis[next] = refresh.took().toMillis();
        next = (next + 1) % MOST;
        count = Math.min(MOST, count + 1);
    }

    synchronized Summary summary() {
        int faults = 0;
        long sum = 0;
        long longest = 0;
        for (int i = 0; i < count; i++) {
            faults += failed[i] ? 1 : 0;
            sum += millis[i];
            longest = Math.max(longest, millis[i]);
        }
        return new Summary(count, faults, Duration.ofMillis(count == 0 ? 0 : sum / count), Duration.ofMillis(longest));
    }
}
