package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.Format;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import picocli.CommandLine.Option;

/** How the answer of a command that does something is printed: in words, or as the service gave it. */
final class AnswerOptions {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "json or yaml: the answer of the service instead of words.")
    private Format format = Format.TABLE;

    /** Refuses forms that are for lists. */
    void check() {
        if (format == Format.WIDE || format == Format.NAME) {
            throw CommandFailure.usage("-o json, -o yaml, or nothing");
        }
    }

    boolean isWords() {
        return format == Format.TABLE;
    }

    /** Prints {@code answer}, unless words are wanted. */
    void print(Shell shell, JsonNode answer) {
        if (format == Format.JSON) {
            shell.out().println(OutputOptions.pretty(shell, answer));
        } else if (format == Format.YAML) {
            shell.out().print(OutputOptions.yaml(shell, answer));
        }
    }
}
