package io.nexus.oauth.cli.terminal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A command that ends with a message for people and an exit code for scripts. The message never holds a secret. */
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

    /** When the service wants to be asked again, or null when it does not say. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }

    /** Whether the service itself said so: not this machine, and nothing on the way. */
    public boolean isAnswered() {
        return answered;
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
