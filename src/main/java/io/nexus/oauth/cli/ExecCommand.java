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
            "For instance: nexus oauth exec github alice@example.com --env GITHUB_TOKEN -- gh repo list",
            "",
            "The exit code is the command's. What nexus itself logs in with (NEXUS_TOKEN, NEXUS_API_KEY) is taken out of its environment."
        })
final class ExecCommand extends ServerCommand {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** How Java quotes the system's ENOENT, in older versions and newer ones. */
    private static final Pattern MISSING = Pattern.compile("error[=:] ?2\\b");

    private static final int NOT_EXECUTABLE = 126;
    private static final int UNKNOWN_COMMAND = 127;

    @Parameters(index = "0", paramLabel = "PROVIDER", description = "The provider.")
    private String provider = "";

    @Parameters(index = "1", paramLabel = "USER_EMAIL", description = "Whose account.")
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
            description = "The variable (NEXUS_ACCESS_TOKEN).")
    private String variable = "";

    @Mixin
    private TokenQueryOptions demand = new TokenQueryOptions();

    private @Nullable Process child;

    ExecCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        if (!NAME.matcher(variable).matches()) {
            throw CommandFailure.usage("--env: " + Text.clean(variable) + " is no name of a variable");
        }
        Map<String, String> query = new java.util.LinkedHashMap<>(demand.query());
        query.put("provider", provider);
        query.put("user", user);
        JsonNode answer = api().get("/token", query);
        TokenView token = Json.read(answer, TokenView.class);
        TokenQueryOptions.warn(shell, token);
        return run(token.accessToken());
    }

    /** A terminal's Ctrl-C reaches the command anyhow, and what it means is for the command to say. */
    private static void leaveInterrupts() {
        try {
            // by name: the compiler warns of this class, but Java has no other way to a signal
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object nothing = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, args) -> null);
            Object interrupt = signal.getConstructor(String.class).newInstance("INT");
            signal.getMethod("handle", signal, handler).invoke(null, interrupt, nothing);
        } catch (ReflectiveOperationException e) {
            // Ctrl-C ends us then, and the command with us
        }
    }

    /** Nobody can end us between the command's start and the moment from which we end it. */
    private synchronized Process start(ProcessBuilder builder) throws IOException {
        leaveInterrupts();
        Runtime.getRuntime().addShutdownHook(new Thread(this::end));
        Process started = builder.start();
        child = started;
        return started;
    }

    /** Who ends us means the command: how it ends is how we end. */
    private synchronized void end() {
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
                    + (missing ? "no such command" : "not allowed"));
            return missing ? UNKNOWN_COMMAND : NOT_EXECUTABLE;
        }
    }
}
