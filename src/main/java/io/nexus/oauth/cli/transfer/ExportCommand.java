package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.api.ExportRequest;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Progress;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the tenant's grants into a file, each sealed to a public key. */
@Command(
        name = "export",
        description = {
            "Write the tenant's grants to standard output as JSON Lines, refresh tokens too, each sealed to a key that you name.",
            "",
            "It takes the role exporter. Only the private key opens them again: 'nexus oauth import FILE --key-file KEY'."
        })
public final class ExportCommand extends ServerCommand {

    @ArgGroup(multiplicity = "1")
    private KeyChoice choice = new KeyChoice();

    @Option(names = "--provider", description = "Only those at this provider.")
    private @Nullable String provider;

    @Option(
            names = {"--user", "--user-email"},
            description = "Only those of this user.")
    private @Nullable String user;

    public ExportCommand(Shell shell) {
        super(shell);
    }

    /** The key. */
    static final class KeyChoice {

        @Option(
                names = "--key-file",
                paramLabel = "FILE",
                description = "The key to seal to, as a JWK; only its public part is sent.")
        private @Nullable String file;

        @Option(
                names = "--new-key-file",
                paramLabel = "FILE",
                description = "Make a key in this file (mode 0600) and seal to it.")
        private @Nullable String made;
    }

    @Override
    public Integer call() {
        ExportKeyFile key = choice.file != null
                ? ExportKeyFile.read(shell, choice.file)
                : ExportKeyFile.make(shell, String.valueOf(choice.made));
        ExportRequest body = new ExportRequest(key.publicPart(), provider, user);
        var request = ApiClient.with(body, api().request("/credentials/export", java.util.Map.of()), "POST")
                .setHeader("Accept", "application/x-ndjson");
        long count = 0;
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(api().stream(request), StandardCharsets.UTF_8));
                Progress progress = new Progress(shell, "grants")) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (shell.terminal().out()) {
                    progress.clear();
                }
                shell.out().println(shell.shown(line));
                shell.checkOut();
                progress.at(++count, 0);
            }
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the export broke off and is not whole: " + e.getMessage());
        }
        shell.note("Exported " + Text.counted(count, "grant"));
        return ExitCode.OK;
    }
}
