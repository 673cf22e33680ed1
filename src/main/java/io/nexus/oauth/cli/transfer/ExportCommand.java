package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.api.ExportRequest;
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

/** Exports the tenant's grants, each encrypted with a public key. */
@Command(
        name = "export",
        description = {
            "Export the tenant's grants with their refresh tokens as JSON Lines, each encrypted with your key.",
            "",
            "Needs the role exporter. Decrypt with the private key: 'nexus oauth import FILE --key-file KEY'."
        })
public final class ExportCommand extends ServerCommand {

    @ArgGroup(multiplicity = "1")
    private KeyChoice choice = new KeyChoice();

    @Option(names = "--provider", description = "Only credentials at this provider.")
    private @Nullable String provider;

    @Option(
            names = {"--user", "--user-email"},
            description = "Only credentials of this user.")
    private @Nullable String user;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Only credentials in this state: valid, expiring, expired or reconnect_required.")
    private @Nullable String state;

    public ExportCommand(Shell shell) {
        super(shell);
    }

    /** The key of the export: an existing or a new one. */
    static final class KeyChoice {

        @Option(
                names = "--key-file",
                paramLabel = "FILE",
                description = "The key to encrypt with, as a JWK. Only its public part is sent.")
        private @Nullable String file;

        @Option(
                names = "--new-key-file",
                paramLabel = "FILE",
                description = "Create a key in this new file (mode 0600) and encrypt with it.")
        private @Nullable String made;
    }

    @Override
    public Integer call() {
        ExportKeyFile key = choice.file != null
                ? ExportKeyFile.read(shell, choice.file)
                : ExportKeyFile.make(shell, String.valueOf(choice.made));
        ExportRequest body = new ExportRequest(key.publicPart(), provider, user, state);
        var request = api().request("/credentials/export", java.util.Map.of())
                .by("POST", body)
                .header("Accept", "application/x-ndjson");
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
            throw new CommandFailure(
                    ExitCode.FAILED, "the export was interrupted and is incomplete: " + e.getMessage());
        }
        shell.note("Exported " + Text.counted(count, "grant"));
        return ExitCode.OK;
    }
}
