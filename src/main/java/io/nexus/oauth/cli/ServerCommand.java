package io.nexus.oauth.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** A command that talks to the service. */
abstract class ServerCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    final Shell shell;

    @Mixin
    ServerOptions server = new ServerOptions();

    private @Nullable Api api;

    ServerCommand(Shell shell) {
        this.shell = shell;
    }

    /** What {@code question} finds out, asked again for a minute while the service is away: what was begun goes on there. */
    final <T> T patiently(Supplier<T> question) {
        Instant end = shell.clock().instant().plus(PATIENCE);
        while (true) {
            try {
                return question.get();
            } catch (Failure failure) {
                if (failure.exitCode() != Exit.UNAVAILABLE
                        || shell.clock().instant().isAfter(end)) {
                    throw failure;
                }
                Pause.seconds(1);
            }
        }
    }

    /** The service. Made when it is first needed, so that a wrong command line is heard of before a wrong login. */
    final Api api() {
        if (api == null) {
            api = server.api(shell);
        }
        return api;
    }
}
