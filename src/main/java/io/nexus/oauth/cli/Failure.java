package io.nexus.oauth.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A command that ends with a message for people and an exit code for scripts. The message never holds a secret. */
final class Failure extends RuntimeException {

    private final int exitCode;
    private final transient @Nullable Duration retryAfter;
    private final boolean answered;

    Failure(int exitCode, String message) {
        this(exitCode, message, null);
    }

    Failure(int exitCode, String message, @Nullable Duration retryAfter) {
        this(exitCode, message, retryAfter, false);
    }

    Failure(int exitCode, String message, @Nullable Duration retryAfter, boolean answered) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.retryAfter = retryAfter;
        this.answered = answered;
    }

    static Failure usage(String message) {
        return new Failure(Exit.USAGE, message);
    }

    int exitCode() {
        return exitCode;
    }

    /** When the service wants to be asked again, or null when it does not say. */
    @Nullable Duration retryAfter() {
        return retryAfter;
    }

    /** Whether the service itself said so: not this machine, and nothing on the way. */
    boolean isAnswered() {
        return answered;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
