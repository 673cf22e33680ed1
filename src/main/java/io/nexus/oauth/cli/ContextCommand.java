package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.cli.connection.Contexts;
import io.nexus.oauth.cli.connection.Contexts.Context;
import io.nexus.oauth.cli.connection.Login;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.util.Iterator;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "context", description = "List, select and delete stored contexts. 'nexus oauth login' creates one.")
final class ContextCommand implements Callable<Integer> {

    private final Shell shell;

    @Mixin
    private OutputOptions output = new OutputOptions();

    ContextCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        return list(shell, output);
    }

    private static int list(Shell shell, OutputOptions output) {
        output.print(shell, Listings.CONTEXTS, () -> all(Contexts.of(shell)));
        return ExitCode.OK;
    }

    private static Iterator<JsonNode> all(Contexts contexts) {
        return contexts.all().entrySet().stream()
                .map(entry -> shown(entry.getKey(), entry.getValue(), contexts.current()))
                .<JsonNode>map(Json.MAPPER::valueToTree)
                .iterator();
    }

    private static Shown shown(String name, Context context, @Nullable String current) {
        return new Shown(
                name,
                name.equals(current),
                context.server(),
                context.tenant(),
                context.login().map(Login::toString).orElse("no login"));
    }

    /**
     * A context in the list.
     *
     * @param name its name
     * @param current whether commands use it by default
     * @param server the base URL of the service
     * @param tenant its tenant, or null
     * @param login the source of its key or token, without the secret
     */
    record Shown(
            String name,
            boolean current,
            String server,
            @Nullable String tenant,
            String login) {}

    @Command(name = "list", description = "List the contexts. A star marks the current one.")
    static final class ListContexts implements Callable<Integer> {

        private final Shell shell;

        @Mixin
        private OutputOptions output = new OutputOptions();

        ListContexts(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() {
            return list(shell, output);
        }
    }

    /** Takes the name of a context. */
    interface Named {}

    @Command(name = "use", description = "Make a context the current one.")
    static final class Use implements Callable<Integer>, Named {

        private final Shell shell;

        @Parameters(paramLabel = "NAME", description = "The context.")
        private String name = "";

        Use(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() {
            Contexts contexts = Contexts.of(shell);
            String server = contexts.get(name).server();
            contexts.use(name);
            shell.note("Current context: " + Text.clean(name) + ", " + Text.clean(server));
            return ExitCode.OK;
        }
    }

    @Command(name = "delete", description = "Delete a context and the API key stored in it.")
    static final class Delete implements Callable<Integer>, Named {

        private final Shell shell;

        @Parameters(paramLabel = "NAME", description = "The context.")
        private String name = "";

        Delete(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() {
            Contexts.of(shell).remove(name);
            shell.note("Deleted the context " + Text.clean(name));
            return ExitCode.OK;
        }
    }
}
