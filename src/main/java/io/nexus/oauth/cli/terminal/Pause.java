package io.nexus.oauth.cli.terminal;

import java.time.Duration;

/** Blocks the command for a while. */
public final class Pause {

    private Pause() {}

    public static void seconds(long seconds) {
        of(Duration.ofSeconds(seconds));
    }

    /** Blocks for {@code time}. Fails when the thread is interrupted. */
    public static void of(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted");
        }
    }
}
