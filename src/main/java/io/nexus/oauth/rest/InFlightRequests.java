package io.nexus.oauth.rest;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The requests that were let in and are not answered yet. When the service ends they are waited for, and nobody is let in any more:
 * the HTTP server reports its end before the last connection is closed, and a request on one of those would find everything gone
 * that could serve it.
 */
final class InFlightRequests {

    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean shut;

    /** Counts a request until it is answered or its connection is gone; false: it must not be served. Never blocks. */
    boolean letIn(RoutingContext context) {
        count.incrementAndGet(); // first, so that whoever is not seen by shut() sees it
        if (shut) {
            left();
            return false;
        }
        context.addEndHandler(ended -> left());
        return true;
    }

    private void left() {
        if (count.decrementAndGet() == 0 && shut) {
            synchronized (count) {
                count.notifyAll();
            }
        }
    }

    /** Lets nobody in from now on, and blocks until nobody is left, for {@code patience} at most; how many are left then. */
    int shut(Duration patience) throws InterruptedException {
        shut = true;
        long end = System.nanoTime() + patience.toNanos();
        synchronized (count) {
            for (long left = patience.toMillis();
                    count.get() > 0 && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                count.wait(left);
            }
        }
        return count.get();
    }
}
