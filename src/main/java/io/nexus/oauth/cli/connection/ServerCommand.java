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

    private static final Duration UNAVAILABLE_RETRY_TIME = Duration.ofMinutes(1);

    public final Shell shell;

    @Mixin
    public ServerOptions server = new ServerOptions();

    private @Nullable ApiClient api;

    public ServerCommand(Shell shell) {
        this.shell = shell;
    }

    /** The result of {@code request}. Retries every second, for a minute, while the service is unavailable. Blocks. */
    public final <T> T retrying(Supplier<T> request) {
        Instant end = shell.clock().instant().plus(UNAVAILABLE_RETRY_TIME);
        while (true) {
            try {
                return request.get();
            } catch (CommandFailure failure) {
                if (failure.exitCode() != ExitCode.UNAVAILABLE
                        || shell.clock().instant().isAfter(end)) {
                    throw failure;
                }
                Pause.seconds(1);
            }
        }
    }

    /** The client of the service. Created on first use, so that command line errors are reported before a missing login. */
    public final ApiClient api() {
        if (api == null) {
            api = server.api(shell);
        }
        return api;
    }

    /** A client of the service for {@code tenant}, whatever the environment says. */
    public final ApiClient api(String tenant) {
        return new ApiClient(shell, server.settings(shell).of(tenant));
    }
}
