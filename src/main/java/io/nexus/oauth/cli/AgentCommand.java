package io.nexus.oauth.cli;

import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Pause;
import io.nexus.oauth.cli.terminal.PrivateFile;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "agent",
        description = {
            "Keep a valid access token in a file, for programs that read their token from a file.",
            "",
            "The file (mode 0600) is replaced atomically before the token expires. It is deleted when the grant ends."
        })
final class AgentCommand extends AccountCommand {

    private static final Duration MIN_PAUSE = Duration.ofSeconds(1);
    private static final Duration MAX_PAUSE = Duration.ofMinutes(5);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofMinutes(1);

    @Option(names = "--file", required = true, paramLabel = "FILE", description = "The file to write.")
    private String file = "";

    @Option(names = "--json", description = "Write the whole JSON answer of the service instead of the token.")
    private boolean json;

    @Option(names = "--once", description = "Write the file once and exit.")
    private boolean once;

    @Mixin
    private TokenQueryOptions tokenQuery = new TokenQueryOptions();

    private @Nullable String written;
    private @Nullable Instant expiresAt;
    private boolean started;

    AgentCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() throws IOException {
        Path target = shell.expanded(file).toAbsolutePath();
        if (once) {
            write(target);
            return ExitCode.OK;
        }
        Duration pause = FIRST_RETRY;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Pause.of(write(target));
                pause = FIRST_RETRY;
            } catch (CommandFailure failure) {
                reportFailure(target, failure);
                Duration wait = failure.retryAfter();
                Pause.of(wait == null ? pause : wait);
                pause = pause.multipliedBy(2).compareTo(MAX_RETRY) > 0 ? MAX_RETRY : pause.multipliedBy(2);
            }
        }
        return ExitCode.OK;
    }

    /** Writes the current token into the file and returns the time until the next check. */
    private Duration write(Path target) {
        var answer = token(tokenQuery.query());
        TokenView token = Json.read(answer, TokenView.class);
        TokenQueryOptions.warn(shell, token);
        String text = json ? answer + "\n" : token.accessToken();
        if (!token.accessToken().equals(written) || !Files.exists(target)) {
            try {
                PrivateFile.write(target, text);
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILED, "cannot write " + target + ": " + Shell.reason(e));
            }
            shell.note("wrote " + target + ", valid until "
                    + (token.expiresAt() == null ? "it is revoked" : Text.time(token.expiresAt())));
        }
        written = token.accessToken();
        expiresAt = token.expiresAt();
        started = true;
        return untilNextCheck(token);
    }

    /** Until {@code cache_until} of the answer, at most {@link #MAX_PAUSE}, so that the agent notices a revocation. */
    private Duration untilNextCheck(TokenView token) {
        Instant cacheUntil = token.cacheUntil();
        if (cacheUntil == null) {
            return MAX_PAUSE;
        }
        Duration time = Duration.between(shell.clock().instant(), cacheUntil);
        if (time.compareTo(MIN_PAUSE) < 0) {
            return MIN_PAUSE;
        }
        return time.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : time;
    }

    /** Reports a failed attempt. Deletes the file when its token expired, or when the grant expired or was revoked. */
    private void reportFailure(Path target, CommandFailure failure) throws IOException {
        shell.note("nexus: " + failure.text());
        // a login file can be empty for a moment while it is replaced; at the start it means a wrong command line
        if (failure.exitCode() == ExitCode.USAGE && (failure.isAnswered() || !started)) {
            throw failure;
        }
        boolean expired =
                written != null && expiresAt != null && shell.clock().instant().isAfter(expiresAt);
        if ((expired || isGrantGone(failure)) && isDeletable(target) && Files.deleteIfExists(target)) {
            written = null;
            shell.note("deleted " + target);
        }
    }

    /** Whether the service itself says that the grant is gone: a missing context or a proxy's 404 does not count. */
    private static boolean isGrantGone(CommandFailure failure) {
        return failure.exitCode() == ExitCode.RECONNECT
                || (failure.exitCode() == ExitCode.NOT_FOUND && failure.isAnswered());
    }

    /** An agent only ever writes regular files, so it deletes no link and no device. */
    private static boolean isDeletable(Path target) {
        return Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS);
    }
}
