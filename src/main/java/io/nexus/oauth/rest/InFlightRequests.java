package io.nexus.oauth.rest;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts admitted requests that are not answered yet. At shutdown the service waits for them and admits no more. Without it, a
 * request on a connection that is still open would run while the beans that serve it shut down.
 */
final class InFlightRequests {

    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean shut;

    /** Counts a request until its answer or the end of its connection. Returns false after {@link #shut}. Never blocks. */
    boolean admit(RoutingContext context) {
        count.incrementAndGet(); // before the check, so that shut() waits for this request or this request sees the
        // flag
        if (shut) {
            finished();
            return false;
        }
        context.addEndHandler(ended -> finished());
        return true;
    }

    private void finished() {
        if (count.decrementAndGet() == 0 && shut) {
            synchronized (count) {
                count.notifyAll();
            }
        }
    }

    /** Admits no more requests and blocks until all are answered, {@code maxWait} at most. Returns how many are left. */
    int shut(Duration maxWait) throws InterruptedException {
        shut = true;
        long end = System.nanoTime() + maxWait.toNanos();
        synchronized (count) {
            for (long left = maxWait.toMillis();
                    count.get() > 0 && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                count.wait(left);
            }
        }
        return count.get();
    }
}
