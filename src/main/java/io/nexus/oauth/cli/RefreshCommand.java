package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "refresh", description = "Refresh a credential now.")
final class RefreshCommand extends AccountCommand {

    @Mixin
    private OutputOptions output = new OutputOptions();

    RefreshCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        JsonNode answer = api().post(path() + "/refresh", null);
        CredentialView credential = Json.read(answer, CredentialView.class);
        if (!output.isTable()) {
            output.printOne(shell, Listings.CREDENTIALS, answer);
        } else {
            boolean done = credential.warning() == null;
            String end = credential.expiresAt() == null ? "" : ", valid until " + Text.time(credential.expiresAt());
            shell.out()
                    .println(shell.terminal().mark(done)
                            + (done ? " Refreshed credential: " : " Not refreshed, the current token still works: ")
                            + Text.clean(credential.provider() + ":" + credential.user())
                            + (done ? end : " (" + Text.clean(credential.warning()) + ")"));
        }
        return credential.warning() == null ? ExitCode.OK : ExitCode.UNAVAILABLE;
    }
}
