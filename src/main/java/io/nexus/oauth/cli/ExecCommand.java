package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "exec",
        description = {
            "Run a command with a valid access token in its environment.",
            "",
            "For example: nexus oauth exec github alice@example.com --env GITHUB_TOKEN -- gh repo list",
            "",
            "The exit code is that of the command. NEXUS_TOKEN and NEXUS_API_KEY are removed from its environment."
        })
final class ExecCommand extends ServerCommand {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** How older and newer Java versions report ENOENT. */
    private static final Pattern MISSING = Pattern.compile("error[=:] ?2\\b");

    private static final int NOT_EXECUTABLE = 126;
    private static final int UNKNOWN_COMMAND = 127;

    @Parameters(index = "0", paramLabel = "PROVIDER", description = "The provider.")
    private String provider = "";

    @Parameters(index = "1", paramLabel = "USER_EMAIL", description = "The user who owns the account.")
    private String user = "";

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "The command and its arguments, after --.")
    private List<String> command = List.of();

    @Option(
            names = "--env",
            paramLabel = "NAME",
            defaultValue = "NEXUS_ACCESS_TOKEN",
            description = "The environment variable for the token (NEXUS_ACCESS_TOKEN).")
    private String variable = "";

    @Mixin
    private TokenQueryOptions tokenQuery = new TokenQueryOptions();

    private @Nullable Process child;

    ExecCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        if (!NAME.matcher(variable).matches()) {
            throw CommandFailure.usage("--env: " + Text.clean(variable) + " is not a valid variable name");
        }
        Map<String, String> query = new java.util.LinkedHashMap<>(tokenQuery.query());
        query.put("provider", provider);
        query.put("user", user);
        JsonNode answer = api().get("/token", query);
        TokenView token = Json.read(answer, TokenView.class);
        TokenQueryOptions.warn(shell, token);
        return run(token.accessToken());
    }

    /** Ignores Ctrl-C in this process. The terminal sends it to the command as well, and the command decides. */
    private static void ignoreInterrupts() {
        try {
            // by reflection: the compiler warns about this class, and Java has no other API for signals
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object nothing = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, args) -> null);
            Object interrupt = signal.getConstructor(String.class).newInstance("INT");
            signal.getMethod("handle", signal, handler).invoke(null, interrupt, nothing);
        } catch (ReflectiveOperationException e) {
            // then Ctrl-C ends this process and the command
        }
    }

    /** Synchronized, so that the shutdown hook never misses a command that was just started. */
    private synchronized Process start(ProcessBuilder builder) throws IOException {
        ignoreInterrupts();
        Runtime.getRuntime().addShutdownHook(new Thread(this::terminateChild));
        Process started = builder.start();
        child = started;
        return started;
    }

    /** Passes a termination on to the command, waits for its end and takes over its exit code. */
    private synchronized void terminateChild() {
        if (child != null && child.isAlive()) {
            child.destroy();
            Runtime.getRuntime().halt(child.onExit().join().exitValue());
        }
    }

    private int run(String token) {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().keySet().removeAll(List.of("NEXUS_TOKEN", "NEXUS_API_KEY"));
        builder.environment().put(variable, token);
        try {
            return start(builder).waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        } catch (IOException e) {
            boolean missing = MISSING.matcher(String.valueOf(e.getMessage())).find();
            shell.note("nexus: cannot run " + Text.clean(command.getFirst()) + ": "
                    + (missing ? "command not found" : "permission denied"));
            return missing ? UNKNOWN_COMMAND : NOT_EXECUTABLE;
        }
    }
}
