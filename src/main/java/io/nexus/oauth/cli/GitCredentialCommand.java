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
            "Be git's credential helper.",
            "",
            "For instance: git config --global credential.https://github.com.helper '!nexus oauth git-credential github"
                    + " alice@example.com'",
            "",
            "Gives the token to the provider's own host over https and to nobody else. A token that the host refused is reported,"
                    + " so that the next one is new."
        })
final class GitCredentialCommand extends ServerCommand {

    private static final Map<String, String> HOSTS =
            Map.of("github", "github.com", "gitlab", "gitlab.com", "bitbucket", "bitbucket.org");

    private static final Map<String, String> USERS = Map.of("github", "x-access-token", "bitbucket", "x-token-auth");

    /** Two of them would be two answers to the question who gets the token. */
    private static final Set<String> ONCE = Set.of("protocol", "host");

    private static final Set<String> ACTIONS = Set.of("get", "store", "erase", "capability");

    @Parameters(index = "0", paramLabel = "PROVIDER", description = "The provider.")
    private String provider = "";

    @Parameters(index = "1", paramLabel = "USER_EMAIL", description = "Whose account.")
    private String user = "";

    @Parameters(index = "2", paramLabel = "ACTION", description = "get, store or erase; git says which.")
    private String action = "";

    @Option(
            names = "--host",
            description = "The only host that gets the token (the provider's own, where it is known).")
    private @Nullable String host;

    GitCredentialCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() throws IOException {
        if (!ACTIONS.contains(action)) {
            throw CommandFailure.usage("the action is get, store or erase");
        }
        String ours = host != null ? host : HOSTS.get(provider);
        if (ours == null) {
            throw CommandFailure.usage(
                    "--host is missing: which host is it that gets tokens of " + Text.clean(provider) + "?");
        }
        Map<String, String> asked = read();
        boolean fits = "https".equals(asked.get("protocol")) && ours.equalsIgnoreCase(asked.get("host"));
        if (fits && action.equals("get")) {
            give();
        } else if (fits && action.equals("erase")) {
            report(asked.get("password"));
        }
        return ExitCode.OK;
    }

    private void give() {
        TokenView token = token();
        TokenQueryOptions.warn(shell, token);
        shell.out().println("username=" + USERS.getOrDefault(provider, "oauth2"));
        shell.out().println("password=" + token.accessToken());
        if (token.expiresAt() != null) {
            shell.out().println("password_expiry_utc=" + token.expiresAt().getEpochSecond());
        }
    }

    /** The host refused {@code password}: it has to be the token of now, else there is a newer one already. */
    private void report(@Nullable String password) {
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

    /** What git asks for; nothing when others could read it in another way than git does. */
    private Map<String, String> read() throws IOException {
        Map<String, String> fields = new HashMap<>();
        Reader in = new BufferedReader(new InputStreamReader(shell.in(), StandardCharsets.UTF_8));
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int equals = line.indexOf('=');
            String name = line.substring(0, Math.max(0, equals));
            boolean again = ONCE.contains(name) && fields.containsKey(name);
            if (again || line.indexOf('\r') >= 0 || line.indexOf('\0') >= 0) {
                shell.note("nexus: this is no question of git's, it gets no answer");
                return Map.of();
            }
            fields.put(name, line.substring(equals + 1));
        }
        return fields;
    }

    /** Only a line feed ends a line; empty at the end. */
    private static String line(Reader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }
}
