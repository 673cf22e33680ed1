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

/** Reads grants from another store and sends them to the service. */
@Command(
        name = "import",
        description = {
            "Bring grants from elsewhere. Says what would become of each; with --apply it is done.",
            "",
            "An account that has a credential here keeps it, so a second run changes nothing. No token is tried, so no refresh"
                    + " token is spent."
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
                    "The private key of an export; or the key of that Nexus, when it is in none of the places where it kept it.")
    private @Nullable String keyFile;

    @Option(
            names = {"--user", "--user-email"},
            description = "Whose account it is, for Vault.")
    private @Nullable String user;

    @Option(names = "--apply", description = "Do it. Without it nothing is changed.")
    private boolean apply;

    @Option(names = "--replace", description = "Replace the credentials that accounts have here. Only for JSON Lines.")
    private boolean replace;

    @Option(names = "--quiet", description = "Report only what could not be brought, and the sums.")
    private boolean quiet;

    @Option(names = "--parallel", defaultValue = "8", description = "How many are sent at a time (8).")
    private int parallel;

    public ImportCommand(Shell shell) {
        super(shell);
    }

    /** Where they come from. */
    static final class From {

        @Parameters(
                arity = "0..1",
                paramLabel = "FILE",
                description = "JSON Lines as 'export' writes them; - is standard input.")
        private @Nullable String file;

        @Option(
                names = "--from-nexus",
                paramLabel = "DATABASE",
                description = "The original Nexus: its SQLite file, or postgresql://user@host/database (PGPASSWORD).")
        private @Nullable String nexus;

        @Option(
                names = "--from-nango",
                paramLabel = "FILE",
                description = "Connections as Nango's API shows them with their credentials.")
        private @Nullable String nango;

        @Option(
                names = "--from-vault",
                paramLabel = "FILE",
                description = "What 'vault read -format=json' says of a credential of oauthapp.")
        private @Nullable String vault;
    }

    @Override
    public Integer call() throws IOException {
        if (parallel < 1 || parallel > 64) {
            throw CommandFailure.usage("--parallel: from 1 to 64");
        }
        if (replace && from.file == null) {
            throw CommandFailure.usage(
                    "--replace is only for JSON Lines: what is here is newer than what comes from elsewhere");
        }
        FernetKeys keys = from.nexus == null ? null : FernetKeys.found(shell, keyFile);
        try (GrantSource source = source(keys)) {
            GrantImport imports = new GrantImport(
                    shell, api(), new GrantImport.Plan(apply, replace, quiet, parallel, api().tenant()));
            int exitCode = imports.run(source);
            if (keys != null) {
                keys.opened()
                        .forEach((place, texts) ->
                                shell.note("key of " + place + " opened " + Text.counted(texts, "text")));
            }
            return exitCode;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the import broke off, start it again: " + e.getMessage());
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
