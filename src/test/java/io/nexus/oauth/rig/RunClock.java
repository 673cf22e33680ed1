package io.nexus.oauth.rig;

import java.util.concurrent.TimeUnit;

/** How long a fault still has. */
final class RunClock {

    private final long end;

    RunClock(long seconds) {
        end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    boolean runs() {
        return System.nanoTime() < end;
    }

    /** Sleeps, but not over the end. */
    void sleep(long ms) throws InterruptedException {
        Thread.sleep(Math.max(0, Math.min(ms, (end - System.nanoTime()) / 1_000_000)));
    }
}
