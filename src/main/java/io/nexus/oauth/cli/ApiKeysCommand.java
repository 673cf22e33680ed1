package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.ApiKeyRequest;
import io.nexus.oauth.api.ApiKeyView;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.PrivateFile;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "api-keys", description = "List, create and revoke the API keys of the tenant.")
final class ApiKeysCommand extends ServerCommand {

    private static final String PATH = "/api-keys";

    @Mixin
    private OutputOptions output = new OutputOptions();

    ApiKeysCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        return list(this, output);
    }

    private static int list(ServerCommand command, OutputOptions output) {
        output.print(
                command.shell,
                Listings.API_KEYS,
                () -> command.api().get(PATH, Map.of()).path("items").iterator());
        return ExitCode.OK;
    }

    @Command(name = "list", description = "List the API keys, without their secrets.")
    static final class ListKeys extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        ListKeys(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            return list(this, output);
        }
    }

    @Command(
            name = "create",
            description = {
                "Create an API key for the tenant (--tenant-id). The key is printed on standard output or written to a file. It is"
                        + " shown only once."
            })
    static final class Create extends ServerCommand {

        @Mixin
        private AnswerOptions output = new AnswerOptions();

        @Parameters(paramLabel = "NAME", description = "The name of the key; the audit trail shows it.")
        private String name = "";

        @Option(
                names = {"--role", "--roles"},
                required = true,
                split = ",",
                paramLabel = "ROLE",
                description =
                        "A role of the key: token-reader, token-exchanger, connector, tenant-admin, admin, auditor or exporter. Can be repeated.")
        private List<String> roles = List.of();

        @Option(names = "--expires-in", paramLabel = "TIME", description = "The lifetime of the key, for example 30d.")
        private @Nullable String expiresIn;

        @Option(
                names = "--key-file",
                paramLabel = "FILE",
                description = "Write the key into this new file (mode 0600) instead of printing it.")
        private @Nullable String keyFile;

        Create(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            output.check();
            Path file = keyFile == null ? null : newFile(keyFile);
            Long seconds = expiresIn == null ? null : Text.duration(expiresIn).toSeconds();
            JsonNode made = api().post(PATH, new ApiKeyRequest(name, null, roles, seconds));
            ApiKeyView key = Json.read(made, ApiKeyView.class);
            shell.note("Created the key " + key.id() + " of the tenant " + Text.clean(key.tenant()) + ": "
                    + String.join(" ", key.roles()) + ", until " + Text.time(key.expiresAt()));
            if (file != null) {
                write(file, key);
            } else if (output.isWords()) {
                shell.out().println(Text.clean(key.key()));
            } else {
                output.print(shell, made);
            }
            return ExitCode.OK;
        }

        private Path newFile(String name) {
            Path file = shell.expanded(name);
            if (Files.exists(file)) {
                throw CommandFailure.usage(name + " already exists and is not overwritten");
            }
            return file;
        }

        private void write(Path file, ApiKeyView key) {
            try {
                PrivateFile.write(file, key.key() + "\n");
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        "cannot write " + file + ": " + Shell.reason(e)
                                + "; revoke the key with: nexus oauth api-keys revoke " + key.id());
            }
        }
    }

    @Command(name = "revoke", description = "Revoke an API key. It stops working at once.")
    static final class Revoke extends ServerCommand {

        @Parameters(paramLabel = "ID", description = "The id of the key: the part between the underscores.")
        private String id = "";

        Revoke(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            api().delete(PATH + "/" + ApiClient.encode(id));
            shell.out().println(shell.terminal().mark(true) + " Revoked the key " + Text.clean(id));
            return ExitCode.OK;
        }
    }
}
