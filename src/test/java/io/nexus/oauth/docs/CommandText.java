package io.nexus.oauth.docs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Describes a command of picocli's model. Options that many commands share are a link to their own section. */
final class CommandText {

    /** The mixins with a section of their own, by their names in the commands, with the title of the section. */
    private static final Map<String, String> SHARED = Map.of("server", "server options", "output", "output options");

    private static final String STANDARD = "mixinStandardHelpOptions";
    private static final String INSTANCE = "For instance: ";

    private final Map<String, List<String>> examples;
    private final Set<String> used = new HashSet<>();

    CommandText(Map<String, List<String>> examples) {
        this.examples = examples;
    }

    /** The commands whose examples were shown. */
    Set<String> used() {
        return used;
    }

    /** {@code spec} under a heading of {@code level}. */
    String of(CommandSpec spec, String level) {
        String name = spec.qualifiedName().replaceFirst("^nexus oauth ", "");
        List<String> parts = new ArrayList<>();
        parts.add(level + " " + name);
        parts.add("```text\n" + synopsis(spec) + "\n```");
        description(spec).forEach(parts::add);
        String arguments = arguments(spec);
        if (!arguments.isEmpty()) {
            parts.add(arguments);
        }
        if (examples.containsKey(name)) {
            used.add(name);
            parts.add("```console\n"
                    + examples.get(name).stream().map(line -> "$ " + line).collect(Collectors.joining("\n")) + "\n```");
        }
        return String.join("\n\n", parts);
    }

    private static String synopsis(CommandSpec spec) {
        String names = spec.aliases().length == 0 ? "" : "   (or: " + String.join(", ", spec.aliases()) + ")";
        String group = spec.subcommands().isEmpty() ? "" : " [COMMAND]";
        return spec.qualifiedName() + " [OPTIONS]"
                + spec.positionalParameters().stream().map(CommandText::placed).collect(Collectors.joining())
                + group + names;
    }

    private static String placed(PositionalParamSpec parameter) {
        String label = parameter.paramLabel() + (parameter.arity().max() > 1 ? "..." : "");
        return parameter.required() ? " " + label : " [" + label + "]";
    }

    /** The description in paragraphs; an instance in it is a block. */
    private static List<String> description(CommandSpec spec) {
        return Stream.of(spec.usageMessage().description())
                .filter(line -> !line.isBlank())
                .map(line -> line.startsWith(INSTANCE)
                        ? "```console\n$ " + line.substring(INSTANCE.length()) + "\n```"
                        : Markdown.wrapped(line))
                .toList();
    }

    private static String arguments(CommandSpec spec) {
        Set<ArgSpec> elsewhere = new HashSet<>();
        List<String> shared = new ArrayList<>();
        spec.mixins().forEach((name, mixin) -> {
            if (SHARED.containsKey(name) || name.equals(STANDARD)) {
                mixin.options().forEach(option -> elsewhere.addAll(same(spec.options(), option)));
            }
            if (SHARED.containsKey(name)) {
                shared.add(
                        "[%s](#%s)".formatted(SHARED.get(name), SHARED.get(name).replace(' ', '-')));
            }
        });
        List<String> items = new ArrayList<>();
        spec.positionalParameters().forEach(each -> items.add(item(each.paramLabel(), each)));
        spec.options().stream()
                .filter(option -> !elsewhere.contains(option) && !option.hidden())
                .forEach(option -> items.add(item(label(option), option)));
        if (!shared.isEmpty()) {
            items.add("- Also: " + String.join(", ", shared.stream().sorted().toList()) + ".");
        }
        return String.join("\n", items);
    }

    private static List<OptionSpec> same(Collection<OptionSpec> options, OptionSpec wanted) {
        return options.stream()
                .filter(each -> each.longestName().equals(wanted.longestName()))
                .toList();
    }

    private static String label(OptionSpec option) {
        String names = String.join(", ", option.names());
        String value = option.arity().max() == 0 ? "" : option.arity().min() == 0 ? "[=%s]" : "=%s";
        return names
                + value.formatted(option.paramLabel().replaceAll("^<|>$", "").toUpperCase());
    }

    private static String item(String label, ArgSpec argument) {
        String text = String.join(" ", argument.description());
        String fallback = argument.defaultValue();
        boolean told = fallback == null || text.contains("(" + fallback + ")") || fallback.equals("false");
        return Markdown.item(
                Markdown.code(label) + ": " + text + (told ? "" : " Default: " + Markdown.code(fallback) + "."));
    }

    /** The options of the mixin {@code name} of the verb {@code verb}. */
    static String mixin(CommandLine oauth, String verb, String name) {
        CommandSpec mixin =
                oauth.getSubcommands().get(verb).getCommandSpec().mixins().get(name);
        if (mixin == null) {
            throw new AssertionError(verb + " has no mixin " + name);
        }
        return mixin.options().stream()
                .map(option -> item(label(option), option))
                .collect(Collectors.joining("\n"));
    }
}
