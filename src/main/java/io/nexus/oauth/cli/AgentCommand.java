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
            "Keep a file with a valid access token, for programs that can only read a file.",
            "",
            "The file is replaced at once (mode 0600), ahead of the token's end. It is deleted when the grant is over or revoked."
        })
final class AgentCommand extends AccountCommand {

    private static final Duration SOONEST = Duration.ofSeconds(1);
    private static final Duration LATEST = Duration.ofMinutes(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    @Option(names = "--file", required = true, paramLabel = "FILE", description = "The file.")
    private String file = "";

    @Option(names = "--json", description = "Write the service's whole answer, not only the token.")
    private boolean json;

    @Option(names = "--once", description = "Write the file once and end.")
    private boolean once;

    @Mixin
    private TokenQueryOptions demand = new TokenQueryOptions();

    private @Nullable String written;
    private @Nullable Instant ends;
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
        Duration pause = FIRST_PAUSE;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Pause.of(write(target));
                pause = FIRST_PAUSE;
            } catch (CommandFailure failure) {
                missed(target, failure);
                Duration wait = failure.retryAfter();
                Pause.of(wait == null ? pause : wait);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            }
        }
        return ExitCode.OK;
    }

    /** Puts the present token into the file; how long it may stay there. */
    private Duration write(Path target) {
        var answer = token(demand.query());
        TokenView token = Json.read(answer, TokenView.class);
        TokenQueryOptions.warn(shell, token);
        String text = json ? answer + "\n" : token.accessToken();
        if (!token.accessToken().equals(written) || !Files.exists(target)) {
            try {
                PrivateFile.write(target, text);
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILED, "cannot write " + target + ": " + Shell.reason(e));
            }
            shell.note("wrote " + target + ", good until "
                    + (token.expiresAt() == null ? "it is revoked" : Text.time(token.expiresAt())));
        }
        written = token.accessToken();
        ends = token.expiresAt();
        started = true;
        return stay(token);
    }

    /** To where the service wants to be asked again, and five minutes at most: a revocation has to be heard of. */
    private Duration stay(TokenView token) {
        Instant until = token.cacheUntil();
        if (until == null) {
            return LATEST;
        }
        Duration time = Duration.between(shell.clock().instant(), until);
        if (time.compareTo(SOONEST) < 0) {
            return SOONEST;
        }
        return time.compareTo(LATEST) > 0 ? LATEST : time;
    }

    /** A dead token helps nobody: it goes when the grant is over, or when it has ended. */
    private void missed(Path target, CommandFailure failure) throws IOException {
        shell.note("nexus: " + failure.text());
        // a login file is empty for a moment while it is replaced; at the start it is a wrong command line
        if (failure.exitCode() == ExitCode.USAGE && (failure.isAnswered() || !started)) {
            throw failure;
        }
        boolean ended =
                written != null && ends != null && shell.clock().instant().isAfter(ends);
        if ((ended || isOver(failure)) && isOurs(target) && Files.deleteIfExists(target)) {
            written = null;
            shell.note("deleted " + target);
        }
    }

    /** Whether the service says it: a missing context or a proxy without a service behind it ends no grant. */
    private static boolean isOver(CommandFailure failure) {
        return failure.exitCode() == ExitCode.RECONNECT
                || (failure.exitCode() == ExitCode.NOT_FOUND && failure.isAnswered());
    }

    /** What an agent writes is a file, also the one that ran before; a link or a device is somebody else's. */
    private static boolean isOurs(Path target) {
        return Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS);
    }
}
