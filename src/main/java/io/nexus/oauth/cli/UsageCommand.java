package io.nexus.oauth.cli;

import io.nexus.oauth.cli.connection.PagedList;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "usage", description = "Show how often the token of a credential was issued on each day, newest first.")
final class UsageCommand extends AccountCommand {

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(
            names = "--limit",
            paramLabel = "N",
            converter = Count.class,
            description = "Show only the last N days of use.")
    private long limit = Long.MAX_VALUE;

    UsageCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        String path = path() + "/usage";
        output.print(shell, Listings.USAGE, () -> new PagedList(api(), path, Map.of(), limit));
        return ExitCode.OK;
    }
}
