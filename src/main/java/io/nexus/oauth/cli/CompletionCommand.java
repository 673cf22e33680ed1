package io.nexus.oauth.cli;

import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = {
            "Print a shell script that completes commands, options, and names of providers, users, tenants and contexts.",
            "",
            "It asks the service for the names, for two seconds at most.",
            "",
            "bash:  source <(nexus oauth completion bash)",
            "zsh:   source <(nexus oauth completion zsh)",
            "fish:  nexus oauth completion fish | source"
        })
final class CompletionCommand implements Callable<Integer> {

    /** The shells. */
    enum Kind {
        /** GNU Bash. */
        BASH,
        /** Zsh, after compinit. */
        ZSH,
        /** Fish. */
        FISH;

        /** The name on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Shell shell;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private Kind kind = Kind.BASH;

    CompletionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        CommandLine nexus = Commands.all(shell);
        shell.out().print(kind == Kind.FISH ? new FishCompletion(nexus).script() : AutoComplete.bash("nexus", nexus));
        shell.out().print(names());
        return ExitCode.OK;
    }

    /** The part of the script that asks for names. */
    private String names() {
        try (InputStream script = Objects.requireNonNull(getClass().getResourceAsStream("names." + kind))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
