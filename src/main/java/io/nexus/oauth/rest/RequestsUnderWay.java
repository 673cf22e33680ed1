package io.nexus.oauth.rest;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * The requests that were let in and are not answered yet. When the service ends they are waited for, and nobody is let in any more:
 * the HTTP server reports its end before the last connection is closed, and a request on one of those would find everything gone
 * that could serve it.
 */
final class RequestsUnderWay {

    private int count;
    private boolean shut;

    /** Counts a request until it is answered or its connection is gone; false: it must not be served. Never blocks for long. */
    boolean letIn(RoutingContext context) {
        synchronized (this) {
            if (shut) {
                return false;
            }
            count++;
        }
        context.addEndHandler(ended -> left());
        return true;
    }

    private synchronized void left() {
        count--;
        if (count == 0) {
            notifyAll();
        }
    }

    /** Lets nobody in from now on, and blocks until nobody is left, for {@code patience} at most; how many are left then. */
    synchronized int shut(Duration patience) throws InterruptedException {
        shut = true;
        long end = System.nanoTime() + patience.toNanos();
        for (long left = patience.toMillis(); count > 0 && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        return count;
    }
}
