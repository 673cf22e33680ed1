package io.nexus.oauth.cli.terminal;

import java.time.Duration;

/** Waits. */
public final class Pause {

    private Pause() {}

    public static void seconds(long seconds) {
        of(Duration.ofSeconds(seconds));
    }

    /** Ends the command when it is interrupted. */
    public static void of(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted");
        }
    }
}
