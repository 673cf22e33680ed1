package io.nexus.oauth.rig;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Answers that the provider keeps back after it has issued their tokens, until the rig lets them go. */
final class Holds {

    /** Shorter than any client waits. */
    private static final long LONGEST_MS = 25_000;

    private record Hold(CountDownLatch reached, CountDownLatch released) {}

    private final Map<String, Hold> holds = new ConcurrentHashMap<>();

    /** From now on the answers about {@code key} are kept back. */
    void begin(String key) {
        holds.put(key, new Hold(new CountDownLatch(1), new CountDownLatch(1)));
    }

    /** Waits until an answer is kept back; false when none was. */
    boolean awaitReached(String key, long ms) throws InterruptedException {
        Hold hold = holds.get(key);
        return hold != null && hold.reached.await(ms, TimeUnit.MILLISECONDS);
    }

    /** Lets the answers about {@code key} go. */
    void release(String key) {
        Hold hold = holds.remove(key);
        if (hold != null) {
            hold.released.countDown();
        }
    }

    /** For the thread that answers: waits while answers about {@code key} are kept back. */
    void pass(String key) throws InterruptedException {
        Hold hold = holds.get(key);
        if (hold != null) {
            hold.reached.countDown();
            hold.released.await(LONGEST_MS, TimeUnit.MILLISECONDS);
        }
    }
}
