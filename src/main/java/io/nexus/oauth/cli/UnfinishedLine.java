package io.nexus.oauth.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command line whose last word is not finished.
 *
 * @param wanted the kind of name that fits the last word
 * @param typed what the user has typed of it
 * @param provider the provider in the words before, or null
 * @param serverOptions the options of the connection in the words before
 */
record UnfinishedLine(Kind wanted, String typed, @Nullable String provider, List<String> serverOptions) {

    private static final Set<String> SERVER_OPTIONS =
            Set.of("--server", "--context", "--tenant-id", "--tenant", "--ca-file");

    /** A kind of name. */
    enum Kind {
        NOTHING,
        PROVIDER,
        USER,
        TENANT,
        CONTEXT
    }

    /** {@code words} as a line of the command {@code root}. */
    static UnfinishedLine of(CommandSpec root, List<String> words) {
        Reader reader = new Reader(root);
        words.subList(0, words.size() - 1).forEach(reader::read);
        return reader.end(words.getLast());
    }

    /** Reads a line, word by word. */
    private static final class Reader {

        private final List<String> names = new ArrayList<>();
        private final List<String> serverOptions = new ArrayList<>();
        private CommandSpec command;
        private @Nullable OptionSpec open;
        private @Nullable String provider;

        Reader(CommandSpec root) {
            this.command = root;
        }

        void read(String word) {
            if (open != null) {
                value(open.longestName(), word);
                open = null;
            } else if (hasValue(word)) {
                value(before(word), after(word));
            } else if (word.startsWith("-")) {
                OptionSpec option = command.findOption(word);
                open = option != null && option.arity().max() > 0 ? option : null;
            } else if (names.isEmpty() && command.subcommands().containsKey(word)) {
                command = command.subcommands().get(word).getCommandSpec();
            } else {
                names.add(word);
            }
        }

        private void value(String option, String value) {
            if (SERVER_OPTIONS.contains(option)) {
                serverOptions.add(option + "=" + value);
            }
            provider = option.equals("--provider") ? value : provider;
        }

        UnfinishedLine end(String last) {
            boolean attached = open == null && hasValue(last);
            ArgSpec argument = attached ? command.findOption(before(last)) : open;
            if (argument == null && !attached) {
                argument = positional(command, names.size());
            }
            return new UnfinishedLine(
                    argument == null ? Kind.NOTHING : kind(command, argument),
                    attached ? after(last) : last,
                    provider == null && !names.isEmpty() ? names.getFirst() : provider,
                    serverOptions);
        }
    }

    private static boolean hasValue(String word) {
        return word.startsWith("--") && word.contains("=");
    }

    private static String before(String option) {
        return option.substring(0, option.indexOf('='));
    }

    private static String after(String option) {
        return option.substring(option.indexOf('=') + 1);
    }

    private static @Nullable PositionalParamSpec positional(CommandSpec command, int index) {
        return command.positionalParameters().stream()
                .filter(each ->
                        each.index().min() <= index && index <= each.index().max())
                .findFirst()
                .orElse(null);
    }

    /** The kind of name that {@code argument} of {@code command} takes. */
    static Kind kind(CommandSpec command, ArgSpec argument) {
        Set<String> names = argument instanceof OptionSpec option ? Set.of(option.names()) : Set.of();
        boolean context =
                command.userObject() instanceof ContextCommand.Named && argument instanceof PositionalParamSpec;
        if (context || names.contains("--context")) {
            return Kind.CONTEXT;
        }
        if (names.contains("--provider")) {
            return Kind.PROVIDER;
        }
        return names.contains("--user") ? Kind.USER : kind(argument.paramLabel());
    }

    private static Kind kind(String label) {
        return switch (label) {
            case "PROVIDER", "PROVIDER|ID" -> Kind.PROVIDER;
            case "USER_EMAIL" -> Kind.USER;
            case "TENANT" -> Kind.TENANT;
            default -> Kind.NOTHING;
        };
    }
}
