package io.nexus.oauth.cli;

import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "get", description = "Show one credential, without its secrets.")
final class GetCommand extends AccountCommand {

    @Mixin
    private OutputOptions output = new OutputOptions();

    GetCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        output.printOne(shell, Listings.CREDENTIALS, credential());
        return ExitCode.OK;
    }
}
