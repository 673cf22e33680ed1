package io.nexus.oauth.cli.connection;

import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Pause;
import io.nexus.oauth.cli.terminal.Shell;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** A command that talks to the service. */
public abstract class ServerCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    public final Shell shell;

    @Mixin
    public ServerOptions server = new ServerOptions();

    private @Nullable ApiClient api;

    public ServerCommand(Shell shell) {
        this.shell = shell;
    }

    /** What {@code question} finds out, asked again for a minute while the service is away: what was begun goes on there. */
    public final <T> T patiently(Supplier<T> question) {
        Instant end = shell.clock().instant().plus(PATIENCE);
        while (true) {
            try {
                return question.get();
            } catch (CommandFailure failure) {
                if (failure.exitCode() != ExitCode.UNAVAILABLE
                        || shell.clock().instant().isAfter(end)) {
                    throw failure;
                }
                Pause.seconds(1);
            }
        }
    }

    /** The service. Made when it is first needed, so that a wrong command line is heard of before a wrong login. */
    public final ApiClient api() {
        if (api == null) {
            api = server.api(shell);
        }
        return api;
    }
}
