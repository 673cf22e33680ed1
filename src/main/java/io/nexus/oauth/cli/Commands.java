package io.nexus.oauth.cli;

import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Version;
import io.nexus.oauth.cli.transfer.ExportCommand;
import io.nexus.oauth.cli.transfer.ImportCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The tree of commands, and the handling of their failures. */
final class Commands {

    private static final Set<String> WORDS_OF_HELP = Set.of("-h", "--help", "help");

    private Commands() {}

    /**
     * The commands that {@code args} can name. Reading the options of a command takes time, so only commands named in {@code args}
     * are added. All commands are added when none is named, or for help.
     */
    static CommandLine of(Shell shell, String... args) {
        Set<String> words = Set.copyOf(Arrays.asList(args));
        boolean isHelp = words.stream().anyMatch(WORDS_OF_HELP::contains);
        boolean whole = isHelp
                || words.contains("completion") // it prints other commands, too
                || (VERBS.keySet().stream().noneMatch(words::contains) && !words.contains("init"));
        CommandLine oauth = new CommandLine(new OAuth());
        VERBS.forEach((name, verb) -> {
            if (whole || words.contains(name) || (name.equals("connect") && words.contains("init"))) {
                oauth.addSubcommand(name, verb.apply(shell));
            }
        });
        addForScripts(oauth, shell, args);
        CommandLine nexus = new CommandLine(new Nexus()).addSubcommand("oauth", oauth);
        configure(nexus.getCommandSpec());
        if (isHelp || words.equals(Set.of("oauth"))) {
            HelpPages.addTo(oauth.getCommandSpec());
        }
        return nexus.setOut(writer(shell.out()))
                .setErr(writer(shell.err()))
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((failure, arguments) -> usageError(shell, failure))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(shell, failure));
    }

    /** The verb of the completion scripts. No help shows it. */
    private static void addForScripts(CommandLine oauth, Shell shell, String... args) {
        if (args.length > 1 && args[1].equals("complete")) {
            oauth.addSubcommand(new CompleteCommand(shell));
        }
    }

    /** The whole tree, for completion. */
    static CommandLine all(Shell shell) {
        return of(shell, "--help");
    }

    private static final Map<String, Function<Shell, CommandLine>> VERBS = verbs();

    private static Map<String, Function<Shell, CommandLine>> verbs() {
        Map<String, Function<Shell, CommandLine>> verbs = new LinkedHashMap<>();
        addForAccounts(verbs);
        addForOperators(verbs);
        verbs.put("login", shell -> new CommandLine(new LoginCommand(shell)));
        verbs.put(
                "context",
                shell -> new CommandLine(new ContextCommand(shell))
                        .addSubcommand(new ContextCommand.ListContexts(shell))
                        .addSubcommand(new ContextCommand.Use(shell))
                        .addSubcommand(new ContextCommand.Delete(shell)));
        verbs.put("demo", shell -> new CommandLine(new DemoCommand(shell)));
        verbs.put("explain", shell -> new CommandLine(new ExplainCommand(shell)));
        verbs.put("completion", shell -> new CommandLine(new CompletionCommand(shell)));
        return verbs;
    }

    private static void addForAccounts(Map<String, Function<Shell, CommandLine>> verbs) {
        verbs.put("list", shell -> new CommandLine(new ListCommand(shell)));
        verbs.put("get", shell -> new CommandLine(new GetCommand(shell)));
        verbs.put("token", shell -> new CommandLine(new TokenCommand(shell)));
        verbs.put("connect", shell -> new CommandLine(new ConnectCommand(shell)));
        verbs.put("refresh", shell -> new CommandLine(new RefreshCommand(shell)));
        verbs.put("test", shell -> new CommandLine(new TestCommand(shell)));
        verbs.put("revoke", shell -> new CommandLine(new RevokeCommand(shell)));
        verbs.put("usage", shell -> new CommandLine(new UsageCommand(shell)));
        verbs.put("exec", shell -> new CommandLine(new ExecCommand(shell)));
        verbs.put("agent", shell -> new CommandLine(new AgentCommand(shell)));
        verbs.put("git-credential", shell -> new CommandLine(new GitCredentialCommand(shell)));
    }

    private static void addForOperators(Map<String, Function<Shell, CommandLine>> verbs) {
        verbs.put("providers", shell -> new CommandLine(new ProvidersCommand(shell)));
        verbs.put(
                "clients",
                shell -> new CommandLine(new ClientsCommand(shell))
                        .addSubcommand(new ClientsCommand.Get(shell))
                        .addSubcommand(new ClientsCommand.Set(shell))
                        .addSubcommand(new ClientsCommand.RotateKey(shell))
                        .addSubcommand(new ClientsCommand.Delete(shell)));
        verbs.put(
                "audit",
                shell -> new CommandLine(new AuditCommand(shell))
                        .addSubcommand(new AuditCommand.Export(shell))
                        .addSubcommand(new AuditCommand.Lookup(shell))
                        .addSubcommand(new AuditCommand.Verify(shell)));
        verbs.put(
                "keys",
                shell -> new CommandLine(new KeysCommand(shell))
                        .addSubcommand(new KeysCommand.ListKeys(shell))
                        .addSubcommand(new KeysCommand.Status(shell))
                        .addSubcommand(new KeysCommand.Rotate(shell)));
        addForAccess(verbs);
        verbs.put("export", shell -> new CommandLine(new ExportCommand(shell)));
        verbs.put("import", shell -> new CommandLine(new ImportCommand(shell)));
    }

    private static void addForAccess(Map<String, Function<Shell, CommandLine>> verbs) {
        verbs.put(
                "api-keys",
                shell -> new CommandLine(new ApiKeysCommand(shell))
                        .addSubcommand(new ApiKeysCommand.ListKeys(shell))
                        .addSubcommand(new ApiKeysCommand.Create(shell))
                        .addSubcommand(new ApiKeysCommand.Revoke(shell)));
        verbs.put(
                "policies",
                shell -> new CommandLine(new PoliciesCommand(shell))
                        .addSubcommand(new PoliciesCommand.ListPolicies(shell))
                        .addSubcommand(new PoliciesCommand.Set(shell))
                        .addSubcommand(new PoliciesCommand.Delete(shell)));
    }

    private static void configure(CommandSpec spec) {
        spec.mixinStandardHelpOptions(true).version("nexus " + Version.text());
        spec.usageMessage()
                .sortOptions(false)
                .abbreviateSynopsis(!spec.subcommands().isEmpty());
        if (spec.parent() != null) {
            Map<String, String> codes = new LinkedHashMap<>();
            for (String line : ExitCode.TABLE) {
                codes.put(line.substring(0, 1), line.substring(2));
            }
            spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
        }
        spec.subcommands().values().forEach(child -> configure(child.getCommandSpec()));
    }

    private static int usageError(Shell shell, ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        shell.note("nexus: " + failure.getMessage());
        if (failure instanceof UnmatchedArgumentException unmatched) {
            meant(command, unmatched.getUnmatched().getFirst()).forEach(words -> shell.note("Did you mean: " + words));
        }
        shell.note("Try '" + command.getCommandSpec().qualifiedName() + " --help'");
        return ExitCode.USAGE;
    }

    /** The likely meaning of {@code typed}: an option, a command, or a command further inside. */
    private static List<String> meant(CommandLine command, String typed) {
        String name = command.getCommandSpec().qualifiedName();
        if (typed.startsWith("--")) {
            String option = typed.replaceFirst("=.*", "");
            return Suggestions.near(
                    option, command.getCommandSpec().optionsMap().keySet());
        }
        List<String> near = Suggestions.near(typed, command.getSubcommands().keySet());
        if (!near.isEmpty()) {
            return near.stream().map(word -> name + " " + word).toList();
        }
        return command.getSubcommands().values().stream()
                .filter(group -> group.getSubcommands().containsKey(typed))
                .map(group -> group.getCommandSpec().qualifiedName() + " " + typed)
                .distinct()
                .limit(1)
                .toList();
    }

    private static int failed(Shell shell, Exception failure) {
        shell.out().flush();
        if (failure instanceof CommandFailure known) {
            shell.note("nexus: " + known.text());
            return known.exitCode();
        }
        // the message of the exception can contain a secret
        shell.note("nexus: unexpected error: " + failure.getClass().getSimpleName());
        if (shell.env("NEXUS_DEBUG").isPresent()) {
            List.of(failure.getStackTrace()).forEach(line -> shell.note("  at " + line));
        }
        return ExitCode.FAILED;
    }

    private static PrintWriter writer(java.io.PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /** A command that only holds subcommands. Alone, it prints its usage. */
    abstract static class Group implements Callable<Integer> {

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() {
            CommandLine command = Objects.requireNonNull(spec).commandLine();
            command.usage(command.getErr());
            return ExitCode.USAGE;
        }
    }

    /** Prints its usage. */
    @Command(name = "nexus", description = "The command line of Nexus OAuth.", synopsisSubcommandLabel = "COMMAND")
    static final class Nexus extends Group {}

    /** Prints its usage. */
    @Command(
            name = "oauth",
            description = "Manage OAuth grants and get valid access tokens.",
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "",
                "NEXUS_SERVER and NEXUS_TENANT set the service and the tenant. NEXUS_TOKEN, NEXUS_TOKEN_FILE, NEXUS_API_KEY or"
                        + " NEXUS_API_KEY_FILE set the login. They override the context stored by 'nexus oauth login'."
            })
    static final class OAuth extends Group {}
}
