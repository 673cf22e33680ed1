package io.nexus.oauth.cli;

import java.time.Duration;

/** Waits. */
final class Pause {

    private Pause() {}

    static void seconds(long seconds) {
        of(Duration.ofSeconds(seconds));
    }

    /** Ends the command when it is interrupted. */
    static void of(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Exit.FAILED, "interrupted");
        }
    }
}
