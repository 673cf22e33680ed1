package io.nexus.oauth.cli;

import io.nexus.oauth.api.RejectionRequest;
import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "git-credential",
        description = {
            "Act as a git credential helper.",
            "",
            "For example: git config --global credential.https://github.com.helper '!nexus oauth git-credential github"
                    + " alice@example.com'",
            "",
            "Passes the token only to the provider's own host over https. If the host rejects the token, the helper reports it,"
                    + " and the service refreshes it."
        })
final class GitCredentialCommand extends ServerCommand {

    private static final Map<String, String> HOSTS =
            Map.of("github", "github.com", "gitlab", "gitlab.com", "bitbucket", "bitbucket.org");

    private static final Map<String, String> USERS = Map.of("github", "x-access-token", "bitbucket", "x-token-auth");

    /** Fields that may occur only once: with two values it would be unclear which host receives the token. */
    private static final Set<String> UNIQUE_FIELDS = Set.of("protocol", "host");

    private static final Set<String> ACTIONS = Set.of("get", "store", "erase", "capability");

    @Parameters(index = "0", paramLabel = "PROVIDER", description = "The provider.")
    private String provider = "";

    @Parameters(index = "1", paramLabel = "USER_EMAIL", description = "The user who owns the account.")
    private String user = "";

    @Parameters(index = "2", paramLabel = "ACTION", description = "get, store or erase. Git sets it.")
    private String action = "";

    @Option(
            names = "--host",
            description = "The only host that receives the token. By default the provider's own host, if known.")
    private @Nullable String host;

    GitCredentialCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() throws IOException {
        if (!ACTIONS.contains(action)) {
            throw CommandFailure.usage("the action must be get, store or erase");
        }
        String allowedHost = host != null ? host : HOSTS.get(provider);
        if (allowedHost == null) {
            throw CommandFailure.usage(
                    "--host is missing: name the host that receives tokens of " + Text.clean(provider));
        }
        Map<String, String> request = read();
        boolean isAllowed =
                "https".equals(request.get("protocol")) && allowedHost.equalsIgnoreCase(request.get("host"));
        if (isAllowed && action.equals("get")) {
            printToken();
        } else if (isAllowed && action.equals("erase")) {
            reportRejected(request.get("password"));
        }
        return ExitCode.OK;
    }

    private void printToken() {
        TokenView token = token();
        TokenQueryOptions.warn(shell, token);
        shell.out().println("username=" + USERS.getOrDefault(provider, "oauth2"));
        shell.out().println("password=" + token.accessToken());
        if (token.expiresAt() != null) {
            shell.out().println("password_expiry_utc=" + token.expiresAt().getEpochSecond());
        }
    }

    /** Reports a rejected {@code password}, if it is still the current token. Otherwise a newer token exists already. */
    private void reportRejected(@Nullable String password) {
        if (password == null) {
            return;
        }
        TokenView token = token();
        boolean same = MessageDigest.isEqual(
                password.getBytes(StandardCharsets.UTF_8), token.accessToken().getBytes(StandardCharsets.UTF_8));
        if (same) {
            api().post("/credentials/" + token.credentialId() + "/rejected", new RejectionRequest(token.version()));
        }
    }

    private TokenView token() {
        return Json.read(api().get("/token", Map.of("provider", provider, "user", user)), TokenView.class);
    }

    /** The fields of git's request; empty for a request that could be read in more than one way. */
    private Map<String, String> read() throws IOException {
        Map<String, String> fields = new HashMap<>();
        Reader in = new BufferedReader(new InputStreamReader(shell.in(), StandardCharsets.UTF_8));
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int equals = line.indexOf('=');
            String name = line.substring(0, Math.max(0, equals));
            boolean repeated = UNIQUE_FIELDS.contains(name) && fields.containsKey(name);
            if (repeated || line.indexOf('\r') >= 0 || line.indexOf('\0') >= 0) {
                shell.note("nexus: ignored a malformed request to the git credential helper");
                return Map.of();
            }
            fields.put(name, line.substring(equals + 1));
        }
        return fields;
    }

    /** The next line, ended by a line feed only; empty at the end of the input. */
    private static String line(Reader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }
}
