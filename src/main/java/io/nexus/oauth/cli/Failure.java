package io.nexus.oauth.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A command that ends with a message for people and an exit code for scripts. The message never holds a secret. */
final class Failure extends RuntimeException {

    private final int exitCode;
    private final transient @Nullable Duration retryAfter;

    Failure(int exitCode, String message) {
        this(exitCode, message, null);
    }

    Failure(int exitCode, String message, @Nullable Duration retryAfter) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.retryAfter = retryAfter;
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

    String text() {
        return String.valueOf(getMessage());
    }
}
