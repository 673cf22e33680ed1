package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.AccountLinkRequest;
import io.nexus.oauth.api.AccountLinkView;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Connect sandbox accounts in every state at a service in local mode, to look at pages, metrics and alerts.",
            "",
            "Takes a minute. One sandbox provider works, one is down, and one rejects every grant for three minutes. The users are"
                    + " ...@demo.example in the tenant 'default'. A second run connects them again."
        })
final class DemoCommand extends ServerCommand {

    /** How to start a service in local mode. */
    static final String START = "java -jar target/quarkus-app/quarkus-run.jar";

    private static final String TENANT = "default";

    @Option(names = "--remove", description = "Revoke the accounts of the demonstration, here and at the sandbox.")
    private boolean remove;

    DemoCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        if (server.tenant() != null && !server.tenant().equals(TENANT)) {
            throw CommandFailure.usage("the demonstration is always in the tenant '" + TENANT + "'");
        }
        ApiClient api = api(TENANT);
        JsonNode sandbox = new DemoBrowser()
                .sandbox(api.server())
                .orElseThrow(() ->
                        CommandFailure.usage("the demonstration is for a service in local mode on this machine, and "
                                + api.server() + " is none: start one with " + START));
        DemoRun run = new DemoRun(shell, api);
        if (remove) {
            say("Revoked " + run.remove()
                    + " accounts of the demonstration. Their lines stay, as revoked, like those of all" + " accounts");
            return ExitCode.OK;
        }
        shell.out().println("Demonstration at " + api.server() + ", tenant '" + TENANT + "'");
        run.connect();
        say("Sandbox works: 10 accounts, one of them revoked");
        say("Sandbox Mail is down: 6 accounts, whose refreshes get 503 for an hour");
        say("Sandbox Files has an incident: 12 accounts, whose refreshes are rejected for 3 minutes");
        shell.out()
                .println(
                        "Reading tokens for half a minute, until each state can be seen and each fault has happened...");
        shell.out().flush();
        run.use();
        say(run.issued() + " requests got a token, " + run.withoutToken() + " got none");
        say("States: " + states(run));
        shell.out().println();
        places(api, sandbox).forEach(shell.out()::println);
        return ExitCode.OK;
    }

    private void say(String text) {
        shell.out().println(shell.terminal().mark(true) + " " + text);
        shell.out().flush();
    }

    private static String states(DemoRun run) {
        return run.states().entrySet().stream()
                .map(state -> state.getKey() + " " + state.getValue())
                .collect(Collectors.joining(", "));
    }

    private static List<String> places(ApiClient api, JsonNode sandbox) {
        String server = api.server().toString();
        String management = Text.clean(sandbox.path("nexus_management").asText());
        String link = Text.clean(Json.read(
                        api.post("/account-links", new AccountLinkRequest(DemoAccount.userEverywhere(), 3_600L, null)),
                        AccountLinkView.class)
                .url());
        return """
                Look at (sign in with the API key in ~/.nexus-oauth/api-key)
                  overview      %1$s/ui
                  accounts      %1$s/ui/credentials
                  providers     %1$s/ui/health
                  audit trail   %1$s/ui/audit
                  sandbox       %1$s/sandbox
                  metrics       %2$s/q/metrics
                  health        %2$s/q/health/group/providers
                  connected accounts of %3$s, for an hour
                                %4$s

                What happens next
                  now           Alice gets her token of Sandbox Mail although the provider is down, until it expires.
                                Try: nexus oauth token sandbox-mail %3$s
                  in 1 minute   The service notices that Sandbox Files rejects everybody, and marks no account dead. The metric:
                                nexus_oauth_refresh_total{outcome="held",provider="sandbox-files"}
                  in 10 minutes The alert NexusOAuthProviderFailing would ring for sandbox-mail,
                                see deploy/runbooks/nexusoauthproviderfailing.md
                  in 11 minutes The service asks Sandbox Files again, which works by then. Nobody had to connect again.

                The end: nexus oauth demo --remove""".formatted(server, management, DemoAccount.userEverywhere(), link)
                .lines()
                .toList();
    }
}
