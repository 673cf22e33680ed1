package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.Format;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import picocli.CommandLine.Option;

/** The output format of a command that changes something: a sentence, or the service's answer as JSON or YAML. */
final class AnswerOptions {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "json or yaml: print the answer of the service.")
    private Format format = Format.TABLE;

    /** Fails for formats that only lists have. */
    void check() {
        if (format == Format.WIDE || format == Format.NAME) {
            throw CommandFailure.usage("-o must be json or yaml, or left out");
        }
    }

    boolean isWords() {
        return format == Format.TABLE;
    }

    /** Prints {@code answer} as JSON or YAML; prints nothing when the user did not ask for either. */
    void print(Shell shell, JsonNode answer) {
        if (format == Format.JSON) {
            shell.out().println(OutputOptions.pretty(shell, answer));
        } else if (format == Format.YAML) {
            shell.out().print(OutputOptions.yaml(shell, answer));
        }
    }
}
