package io.nexus.oauth.cli;

import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "providers", description = "List the providers, or show one with its redirect URI.")
final class ProvidersCommand extends ServerCommand {

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(arity = "0..1", paramLabel = "PROVIDER", description = "Show only this provider, with all details.")
    private @Nullable String provider;

    ProvidersCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        if (provider == null) {
            output.print(
                    shell,
                    Listings.PROVIDERS,
                    () -> api().get("/providers", Map.of()).path("items").iterator());
        } else {
            output.printOne(shell, Listings.PROVIDERS, api().get("/providers/" + ApiClient.encode(provider), Map.of()));
        }
        return ExitCode.OK;
    }
}
