package io.nexus.oauth.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Generates the completion script for the fish shell. */
final class FishCompletion {

    private final CommandLine nexus;
    private final StringBuilder script = new StringBuilder("complete -c nexus -e\n");

    FishCompletion(CommandLine nexus) {
        this.nexus = nexus;
    }

    String script() {
        add(nexus.getCommandSpec(), List.of());
        return script.toString();
    }

    private void add(CommandSpec spec, List<String> before) {
        String condition = condition(spec, before);
        if (!spec.subcommands().isEmpty()) {
            spec.subcommands()
                    .forEach((name, child) -> script.append("complete -c nexus -f -n %s -a %s -d %s%n"
                            .formatted(quoted(condition), quoted(name), quoted(summary(child.getCommandSpec())))));
        }
        spec.options().stream().filter(option -> !option.hidden()).forEach(option -> add(spec, option, condition));
        if (spec.positionalParameters().stream().anyMatch(each -> isName(spec, each))) {
            script.append("complete -c nexus -f -n %s -a '(__nexus_names)'%n".formatted(quoted(condition)));
        }
        spec.subcommands().forEach((name, child) -> {
            List<String> path = new java.util.ArrayList<>(before);
            path.add(name);
            add(child.getCommandSpec(), path);
        });
    }

    private static boolean isName(CommandSpec spec, ArgSpec argument) {
        return UnfinishedLine.kind(spec, argument) != UnfinishedLine.Kind.NOTHING;
    }

    private void add(CommandSpec spec, OptionSpec option, String condition) {
        String names = java.util.Arrays.stream(option.names())
                .map(name -> name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1))
                .collect(Collectors.joining(" "));
        boolean takesFile = option.paramLabel().equals("FILE");
        String argument = option.arity().max() == 0
                ? ""
                : takesFile ? " -r -F" : isName(spec, option) ? " -x -a '(__nexus_names)'" : " -x";
        String text = option.description().length == 0 ? "" : option.description()[0];
        script.append(
                "complete -c nexus -n %s %s%s -d %s%n".formatted(quoted(condition), names, argument, quoted(text)));
    }

    /** True after the words {@code before}, while no subcommand of {@code spec} follows. */
    private static String condition(CommandSpec spec, List<String> before) {
        String seen = before.stream()
                .map(word -> "__fish_seen_subcommand_from " + word)
                .collect(Collectors.joining("; and "));
        String next = spec.subcommands().isEmpty()
                ? ""
                : "not __fish_seen_subcommand_from "
                        + String.join(" ", spec.subcommands().keySet());
        return java.util.stream.Stream.of(seen, next)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; and "));
    }

    private static String summary(CommandSpec spec) {
        String[] text = spec.usageMessage().description();
        return text.length == 0 ? "" : text[0];
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
