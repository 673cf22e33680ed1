package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.RevocationView;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "revoke", description = "Revoke a credential in the service and at the provider.")
final class RevokeCommand extends AccountCommand {

    @Mixin
    private AnswerOptions output = new AnswerOptions();

    RevokeCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        output.check();
        JsonNode answer = api().post(path() + "/revoke", null);
        RevocationView revocation = Json.read(answer, RevocationView.class);
        output.print(shell, answer);
        if (!output.isWords()) {
            return ExitCode.OK;
        }
        String account = revocation.credential().provider() + ":"
                + revocation.credential().user();
        shell.out().println(shell.terminal().mark(true) + " Revoked credential: " + Text.clean(account));
        shell.note(
                switch (revocation.atProvider()) {
                    case "revoked" -> "The provider revoked it too.";
                    case "pending" -> "The provider could not be reached yet. The service keeps trying.";
                    case "unsupported" ->
                        "The provider cannot revoke a single grant. Remove the access in its account settings.";
                    case "refused" -> "The provider refused to revoke it. Remove the access in its account settings.";
                    default -> "The credential was already revoked.";
                });
        return ExitCode.OK;
    }
}
