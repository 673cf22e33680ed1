package io.nexus.oauth.cli;

import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = {
            "Explain a problem type, or a code in a warning, an error or the audit trail, and say who can help.",
            "",
            "Without CODE, list all. Asks no service."
        })
final class ExplainCommand implements Callable<Integer> {

    private static final String PROBLEM = "urn:nexus-oauth:problem:";

    private final Shell shell;

    @Parameters(
            paramLabel = "CODE",
            arity = "0..1",
            description = "A code or a problem type, for example invalid_grant.")
    private String code = "";

    /**
     * An entry of the reference. The build generates the file from the pages <i>Problem types</i> and <i>Codes</i>.
     *
     * @param code the code, or the last part of a problem type
     * @param title the status and title of a problem, or the group of a code
     * @param text the explanation
     */
    private record Entry(String code, String title, String text) {}

    ExplainCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        List<Entry> all = entries();
        if (code.isEmpty()) {
            all.forEach(entry -> shell.out().println(entry.code() + "\t" + entry.title()));
            return ExitCode.OK;
        }
        String wanted = code.strip().toLowerCase(Locale.ROOT).replace(PROBLEM, "");
        List<Entry> found =
                all.stream().filter(entry -> entry.code().equals(wanted)).toList();
        if (found.isEmpty() && wanted.matches("http_[0-9]{3}")) {
            found = List.of(new Entry(
                    wanted,
                    "Only the user can act. Send the user to a new connect link.",
                    "The provider answered with status " + wanted.substring(5)
                            + " and no code. The provider file lists this status in permanent_http."));
        }
        if (found.isEmpty()) {
            throw CommandFailure.usage(unknown(wanted, all));
        }
        found.forEach(entry -> shell.out()
                .println(entry.code()
                        + System.lineSeparator()
                        + entry.title()
                        + System.lineSeparator()
                        + System.lineSeparator()
                        + entry.text()));
        return ExitCode.OK;
    }

    private static String unknown(String wanted, List<Entry> all) {
        List<String> near =
                Suggestions.near(wanted, all.stream().map(Entry::code).toList());
        return "there is no code " + wanted + " of the service. It may be a code of the provider"
                + (near.isEmpty() ? "" : ". Did you mean " + String.join(" or ", near) + "?");
    }

    private static List<Entry> entries() {
        try (InputStream in = Objects.requireNonNull(ExplainCommand.class.getResourceAsStream("explanations.txt"))) {
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .map(line -> line.split("\t", 3))
                    .map(fields -> new Entry(fields[0], fields[1], fields[2]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
