package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Imports grants from another system. */
@Command(
        name = "import",
        description = {
            "Import grants from another system. Without --apply it is a dry run that shows the result for each grant.",
            "",
            "An existing credential is kept, so a second run changes nothing. The import uses no token, so it spends no refresh"
                    + " token."
        })
public final class ImportCommand extends ServerCommand {

    @ArgGroup(multiplicity = "1")
    private From from = new From();

    @Mixin
    private NameMapping mapping = new NameMapping();

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description =
                    "The private key of an export; or the encryption key of the original Nexus, if not in its usual place.")
    private @Nullable String keyFile;

    @Option(
            names = {"--user", "--user-email"},
            description = "The user who owns the account; only for --from-vault.")
    private @Nullable String user;

    @Option(names = "--apply", description = "Import the grants. Without this option nothing is changed.")
    private boolean apply;

    @Option(names = "--replace", description = "Replace existing credentials. Only for JSON Lines.")
    private boolean replace;

    @Option(names = "--quiet", description = "Report only failures and totals.")
    private boolean quiet;

    @Option(names = "--parallel", defaultValue = "8", description = "The number of parallel requests (8).")
    private int parallel;

    public ImportCommand(Shell shell) {
        super(shell);
    }

    /** The source of the grants. */
    static final class From {

        @Parameters(
                arity = "0..1",
                paramLabel = "FILE",
                description = "JSON Lines from 'export'; - for standard input.")
        private @Nullable String file;

        @Option(
                names = "--from-nexus",
                paramLabel = "DATABASE",
                description =
                        "The database of the original Nexus: its SQLite file, or postgresql://user@host/database (PGPASSWORD).")
        private @Nullable String nexus;

        @Option(
                names = "--from-nango",
                paramLabel = "FILE",
                description = "Connections with credentials from Nango's API.")
        private @Nullable String nango;

        @Option(
                names = "--from-vault",
                paramLabel = "FILE",
                description = "The output of 'vault read -format=json' for a credential of oauthapp.")
        private @Nullable String vault;
    }

    @Override
    public Integer call() throws IOException {
        if (parallel < 1 || parallel > 64) {
            throw CommandFailure.usage("--parallel must be from 1 to 64");
        }
        if (replace && from.file == null) {
            throw CommandFailure.usage("--replace is only for JSON Lines: existing credentials are newer");
        }
        FernetKeys keys = from.nexus == null ? null : FernetKeys.found(shell, keyFile);
        try (GrantSource source = source(keys)) {
            GrantImport imports = new GrantImport(
                    shell, api(), new GrantImport.Plan(apply, replace, quiet, parallel, api().tenant()));
            int exitCode = imports.run(source);
            if (keys != null) {
                keys.opened()
                        .forEach((place, texts) ->
                                shell.note("key of " + place + " decrypted " + Text.counted(texts, "text")));
            }
            return exitCode;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the import was interrupted, run it again: " + e.getMessage());
        }
    }

    private GrantSource source(@Nullable FernetKeys keys) {
        ImportFormats formats = new ImportFormats(mapping, user, shell.clock());
        if (from.nexus != null && keys != null) {
            return new NexusSource(shell, NexusDatabase.open(shell, from.nexus), keys, mapping);
        }
        if (from.nango != null) {
            return new JsonSource(shell, from.nango, formats::nango);
        }
        if (from.vault != null) {
            return new JsonSource(shell, from.vault, formats::vault);
        }
        ExportKeyFile key = keyFile == null ? null : ExportKeyFile.read(shell, keyFile);
        return new JsonSource(
                shell,
                String.valueOf(from.file),
                (name, object) -> object.has("grant") || object.has("error")
                        ? formats.exported(name, object, key)
                        : formats.own(name, object));
    }
}
