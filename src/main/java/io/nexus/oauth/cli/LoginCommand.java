package io.nexus.oauth.cli;

import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.Contexts;
import io.nexus.oauth.cli.connection.Contexts.Context;
import io.nexus.oauth.cli.connection.Login;
import io.nexus.oauth.cli.connection.Problems;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.connection.ServerOptions;
import io.nexus.oauth.cli.connection.ServerOptions.Settings;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "login",
        description = {
            "Store the service address and the login as a context, and make it the current one.",
            "",
            "Type the API key, or pass it on standard input with -. It is stored in the context file (mode 0600). With"
                    + " --api-key-file or --token-file only the path is stored, and the file is read for each request."
        })
final class LoginCommand extends ServerCommand {

    @Parameters(arity = "0..1", paramLabel = "STDIN", description = "-: read the API key from standard input.")
    private @Nullable String dash;

    @Option(names = "--api-key-file", paramLabel = "FILE", description = "The file with the API key.")
    private @Nullable String apiKeyFile;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "The file with a token from your identity provider or from Kubernetes.")
    private @Nullable String tokenFile;

    @Option(names = "--name", description = "The name of the context. By default the host of the server.")
    private @Nullable String name;

    LoginCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        if (dash != null && !dash.equals("-")) {
            throw CommandFailure.usage(
                    "do not pass an API key as an argument, others can see it: type it, or use - for standard input");
        }
        Contexts contexts = Contexts.of(shell);
        String contextName = contextName(contexts);
        Context before = contexts.all().get(contextName);
        URI uri = uri(before);
        Context context = new Context(
                uri.toString(),
                server.tenant() != null ? server.tenant() : before == null ? null : before.tenant(),
                apiKeyFile == null && tokenFile == null ? key() : null,
                absolute(apiKeyFile),
                absolute(tokenFile),
                server.caFile() != null ? absolute(server.caFile()) : before == null ? null : before.caFile());
        check(uri, context);
        contexts.put(contextName, context);
        contexts.use(contextName);
        shell.out().println(shell.terminal().mark(true) + " Logged in to " + uri + ", context " + contextName);
        return ExitCode.OK;
    }

    private String contextName(Contexts contexts) {
        String given = name != null ? name : server.context();
        if (given != null) {
            return given;
        }
        if (server.server(shell).isEmpty() && contexts.current() != null) {
            return String.valueOf(contexts.current());
        }
        URI uri = uri(null);
        return ServerOptions.isLoopback(uri) ? "local" : uri.getHost();
    }

    private URI uri(@Nullable Context before) {
        String stored = before == null ? "http://127.0.0.1:8080" : before.server();
        return ServerOptions.uri(server.server(shell).orElse(stored));
    }

    private String key() {
        return "-".equals(dash)
                ? shell.secretFrom("-")
                : shell.secretTyped("API key", "use --api-key-file FILE, --token-file FILE, or - for standard input");
    }

    private @Nullable String absolute(@Nullable String file) {
        return file == null
                ? null
                : Path.of(shell.expanded(file).toString()).toAbsolutePath().toString();
    }

    /** Checks the login with one request. A caller without the right to list providers (403) is logged in, too. */
    private void check(URI uri, Context context) {
        if (uri.getScheme().equals("http") && !ServerOptions.isLoopback(uri)) {
            shell.warn("without https others on the network can read the key and the tokens");
        }
        Login login = context.login().orElseThrow();
        var api = new ApiClient(shell, new Settings(uri, context.tenant(), login, context.caFile()));
        var answer = api.ask(api.request("/providers", Map.of()));
        if (answer.status() != 200 && answer.status() != 403) {
            throw Problems.of(answer);
        }
    }
}
