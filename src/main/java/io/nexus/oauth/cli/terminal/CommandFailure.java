package io.nexus.oauth.cli.terminal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Ends a command with a message for people and an exit code for scripts. The message never contains a secret. */
public final class CommandFailure extends RuntimeException {

    private final int exitCode;
    private final transient @Nullable Duration retryAfter;
    private final boolean answered;

    public CommandFailure(int exitCode, String message) {
        this(exitCode, message, null);
    }

    public CommandFailure(int exitCode, String message, @Nullable Duration retryAfter) {
        this(exitCode, message, retryAfter, false);
    }

    public CommandFailure(int exitCode, String message, @Nullable Duration retryAfter, boolean answered) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.retryAfter = retryAfter;
        this.answered = answered;
    }

    public static CommandFailure usage(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }

    public int exitCode() {
        return exitCode;
    }

    /** The {@code Retry-After} of the answer, or null when there is none. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }

    /** Whether the service itself reported the failure, rather than this machine or a proxy. */
    public boolean isAnswered() {
        return answered;
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
