package io.nexus.oauth.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.ConnectSessionRequest;
import io.nexus.oauth.api.ConnectSessionView;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Pause;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "connect",
        aliases = "init",
        description = {
            "Connect an account, or reconnect it. Opens or prints a one-time link and waits for the result.",
            "",
            "With --client-id the OAuth client is registered for the tenant first. Later accounts do not need the option.",
            "",
            "With --grant client_credentials or jwt-bearer it creates a machine connection: no person and no browser take part."
        })
final class ConnectCommand extends ServerCommand {

    private static final Set<String> FINAL_STATUSES = Set.of("connected", "failed", "expired");

    /** A command that waits ends in bounded time, also when nobody consents. */
    private static final Long DEFAULT_LIFETIME_S = 3_600L;

    /** Shorter than the response timeout of the client. */
    private static final String LONG_WAIT_S = "10";

    @Parameters(
            index = "0",
            paramLabel = "PROVIDER|ID",
            description = "The provider, see 'nexus oauth providers', or the id of the credential to reconnect.")
    private String provider = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "USER_EMAIL",
            description = "The user who owns the account. Prompted for on a terminal.")
    private @Nullable String userArgument;

    @Option(
            names = {"--user", "--user-email"},
            paramLabel = "USER_EMAIL",
            description = "The same as the argument USER_EMAIL.")
    private @Nullable String userOption;

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private MachineOptions machine = new MachineOptions();

    @Option(
            names = "--return-url",
            paramLabel = "URL",
            description = "The URL to which the browser returns afterwards.")
    private @Nullable String returnUrl;

    @Option(names = "--accept-other-account", description = "Accept a different account at the provider than before.")
    private boolean acceptOtherAccount;

    @Option(
            names = "--expected-account",
            paramLabel = "ACCOUNT",
            description =
                    "Refuse any other account: its id at the provider, or its e-mail address if the provider verifies it.")
    private @Nullable String expectedAccount;

    @Option(
            names = "--expires-in",
            paramLabel = "SECONDS",
            description =
                    "How long the link is valid, 60 to 604800 (7 days). The default is an hour, and with --no-wait that of the"
                            + " service.")
    private @Nullable Long expiresIn;

    @Option(
            names = "--authorization-details",
            paramLabel = "FILE",
            description =
                    "The file with a JSON array of rights to ask for beside scopes (RFC 9396); - for standard input.")
    private @Nullable String detailsFile;

    @Option(names = "--no-browser", description = "Print the link without opening a browser.")
    private boolean noBrowser;

    @Option(names = "--no-wait", description = "Print the link and exit without waiting.")
    private boolean noWait;

    @Mixin
    private AnswerOptions output = new AnswerOptions();

    ConnectCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        client.check();
        output.check();
        machine.check();
        if (machine.isGiven()) {
            return connectMachine();
        }
        JsonNode begun = api().post("/connect-sessions", request());
        ConnectSessionView session = Json.read(begun, ConnectSessionView.class);
        String url = Text.clean(session.url());
        if (noWait) {
            output.print(shell, begun);
            if (output.isWords()) {
                shell.out().println(url);
            }
            return ExitCode.OK;
        }
        show(url, session.expiresAt());
        return report(await(session));
    }

    private int connectMachine() {
        if (returnUrl != null || expiresIn != null || acceptOtherAccount || expectedAccount != null) {
            throw CommandFailure.usage(
                    "--return-url, --expires-in, --accept-other-account and --expected-account are for a person"
                            + " in a browser");
        }
        String user = user();
        if (client.isGiven()) {
            client.register(shell, api(), provider);
        }
        JsonNode stored = api().post("/credentials", machine.request(provider, user, client.scopes()));
        output.print(shell, stored);
        if (output.isWords()) {
            CredentialView credential = Json.read(stored, CredentialView.class);
            shell.out()
                    .println(shell.terminal().mark(true) + " Connected "
                            + Text.clean(credential.provider() + ":" + credential.user()) + ", credential "
                            + credential.id());
        }
        return ExitCode.OK;
    }

    private ConnectSessionRequest request() {
        Optional<UUID> credentialId = userArgument == null && userOption == null ? id() : Optional.empty();
        if (credentialId.isPresent()) {
            if (client.isGiven()) {
                throw CommandFailure.usage(
                        "--client-id needs PROVIDER USER_EMAIL: an existing credential keeps its client");
            }
            return new ConnectSessionRequest(
                    null,
                    null,
                    credentialId.get(),
                    client.scopes(),
                    returnUrl,
                    null,
                    acceptOtherAccount,
                    expectedAccount,
                    lifetime(),
                    machine.resources(),
                    details());
        }
        String user = user();
        if (client.isGiven()) {
            register();
        }
        return new ConnectSessionRequest(
                provider,
                user,
                null,
                client.scopes(),
                returnUrl,
                null,
                acceptOtherAccount,
                expectedAccount,
                lifetime(),
                machine.resources(),
                details());
    }

    private @Nullable List<Map<String, Object>> details() {
        if (detailsFile == null) {
            return null;
        }
        try {
            return Json.MAPPER.readValue(shell.secretFrom(detailsFile), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw CommandFailure.usage("--authorization-details must be a file with a JSON array of objects");
        }
    }

    private @Nullable Long lifetime() {
        return expiresIn != null || noWait ? expiresIn : DEFAULT_LIFETIME_S;
    }

    private Optional<UUID> id() {
        try {
            return Optional.of(UUID.fromString(provider));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private String user() {
        if (userArgument != null && userOption != null) {
            throw CommandFailure.usage("use either USER_EMAIL or --user, not both");
        }
        String given = userArgument != null ? userArgument : userOption;
        return given != null ? given : shell.typed("User e-mail", "name the user: connect PROVIDER USER_EMAIL");
    }

    private void register() {
        ClientView view = Json.read(client.register(shell, api(), provider), ClientView.class);
        shell.note("Registered the client. Its redirect URI at the provider must be " + view.redirectUri());
    }

    private void show(String url, Instant until) {
        boolean opened = !noBrowser && shell.terminal().out() && Browser.open(shell, url);
        String how = opened ? "Opening this link in the browser" : "Open this link in a browser";
        shell.note(how + ". It works once and expires at " + Text.time(until) + ":");
        // one whole line on standard output, so that scripts can read it and terminals can link it
        (output.isWords() ? shell.out() : shell.err()).println(url);
        shell.out().flush();
        shell.note("Waiting for the consent...");
    }

    private JsonNode await(ConnectSessionView session) {
        while (true) {
            Instant asked = shell.clock().instant();
            JsonNode now = retrying(() -> api().get("/connect-sessions/" + session.id(), Map.of("wait", LONG_WAIT_S)));
            if (FINAL_STATUSES.contains(now.path("status").asText())) {
                return now;
            }
            if (shell.clock()
                    .instant()
                    .isBefore(asked.plusSeconds(1))) { // the service did not wait, because too many callers wait
                Pause.seconds(1);
            }
        }
    }

    private int report(JsonNode ended) {
        ConnectSessionView session = Json.read(ended, ConnectSessionView.class);
        boolean good = session.status().equals("connected");
        output.print(shell, ended);
        if (output.isWords()) {
            String account = Text.clean(session.provider() + ":" + session.user());
            String why = session.error() == null ? session.status() : session.error();
            shell.out()
                    .println(shell.terminal().mark(good)
                            + (good
                                    ? " Connected " + account + ", credential " + session.credentialId()
                                    : " Not connected: " + account + " (" + Text.clean(why) + ")"));
        }
        return good ? ExitCode.OK : ExitCode.FAILED;
    }
}
