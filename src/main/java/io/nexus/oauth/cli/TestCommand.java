package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.TestView;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "test", description = "Test a credential: get a valid token and check it at the provider.")
final class TestCommand extends AccountCommand {

    @Mixin
    private AnswerOptions output = new AnswerOptions();

    TestCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        output.check();
        String path = path();
        if (shell.terminal().err()) {
            shell.note("Testing credential for " + Text.clean(label()) + "...");
        }
        JsonNode answer = api().post(path + "/test", null);
        TestView test = Json.read(answer, TestView.class);
        output.print(shell, answer);
        if (output.isWords()) {
            shell.out().println(words(test));
        }
        return test.valid() ? ExitCode.OK : ExitCode.FAILED;
    }

    private String words(TestView test) {
        String warning = test.warning() == null ? "" : " (" + Text.clean(test.warning()) + ")";
        if (!test.valid()) {
            return shell.terminal().mark(false) + " Credential test failed: the provider says " + test.provider()
                    + warning;
        }
        String checked = switch (test.provider()) {
            case "valid" -> "the provider accepts it";
            case "unsupported" -> "not checked, the provider has no endpoint for it";
            default -> "the provider gave no clear answer";
        };
        String end = test.expiresAt() == null ? "" : ", until " + Text.time(test.expiresAt());
        return shell.terminal().mark(true) + " Credential is valid: " + checked + end + warning;
    }
}
