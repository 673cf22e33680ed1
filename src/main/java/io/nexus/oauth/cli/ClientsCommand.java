package io.nexus.oauth.cli;

import io.nexus.oauth.api.ClientKeyRequest;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "clients", description = "List, register and delete the tenant's OAuth clients.")
final class ClientsCommand extends ServerCommand {

    @Mixin
    private OutputOptions output = new OutputOptions();

    ClientsCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        output.print(
                shell,
                Listings.CLIENTS,
                () -> api().get("/clients", Map.of()).path("items").iterator());
        return ExitCode.OK;
    }

    @Command(name = "get", description = "Show the OAuth client at one provider, without its secret.")
    static final class Get extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        @Parameters(paramLabel = "PROVIDER", description = "The provider.")
        private String provider = "";

        Get(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            output.printOne(shell, Listings.CLIENTS, api().get(ClientOptions.path(provider), Map.of()));
            return ExitCode.OK;
        }
    }

    @Command(name = "set", description = "Register an OAuth client, or replace the registered one.")
    static final class Set extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        @Mixin
        private ClientOptions client = new ClientOptions();

        @Parameters(paramLabel = "PROVIDER", description = "The provider.")
        private String provider = "";

        Set(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            if (!client.isGiven()) {
                throw CommandFailure.usage("--client-id is missing");
            }
            client.check();
            output.printOne(shell, Listings.CLIENTS, client.register(shell, api(), provider));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "rotate-key",
            description =
                    "Make the next key of a client that authenticates by private_key_jwt. The present one signs for 15 more"
                            + " minutes, so that the provider can read the next one.")
    static final class RotateKey extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        @Option(
                names = "--compromised",
                description =
                        "Somebody else may know the present key: delete it now. Refreshes fail until the provider has"
                                + " read the new key.")
        private boolean compromised;

        @Parameters(paramLabel = "PROVIDER", description = "The provider.")
        private String provider = "";

        RotateKey(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            output.printOne(
                    shell,
                    Listings.CLIENTS,
                    api().post(ClientOptions.path(provider) + "/keys", Map.of(), new ClientKeyRequest(compromised)));
            return ExitCode.OK;
        }
    }

    @Command(name = "delete", description = "Delete an OAuth client. Its credentials can no longer be refreshed.")
    static final class Delete extends ServerCommand {

        @Parameters(paramLabel = "PROVIDER", description = "The provider.")
        private String provider = "";

        Delete(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            api().delete(ClientOptions.path(provider));
            shell.out().println(shell.terminal().mark(true) + " Deleted the client of " + Text.clean(provider));
            return ExitCode.OK;
        }
    }
}
