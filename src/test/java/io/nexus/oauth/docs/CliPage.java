package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.nexus.oauth.cli.CliModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code cli.md}: every command from picocli's model, with examples that are parsed. A place is a group of verbs. */
final class CliPage implements Page {

    private static final Path EXAMPLES = Path.of("src/main/resources/io/nexus/oauth/cli/examples.yaml");

    private final CommandLine nexus = CliModel.tree();
    private final CommandLine oauth = nexus.getSubcommands().get("oauth");

    @Override
    public String name() {
        return "cli";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        Map<String, List<String>> examples =
                new ObjectMapper(new YAMLFactory()).readValue(EXAMPLES.toFile(), new TypeReference<>() {});
        examples.values().forEach(lines -> lines.forEach(this::checkExample));
        CommandText text = new CommandText(examples);
        Map<String, String> parts = new LinkedHashMap<>();
        List<String> shown = new ArrayList<>();
        for (String place : places) {
            switch (place) {
                case "options:server" -> parts.put(place, CommandText.mixin(oauth, "list", "server"));
                case "options:output" -> parts.put(place, CommandText.mixin(oauth, "list", "output"));
                case "exit codes" -> parts.put(place, exitCodes());
                case "verdicts" -> parts.put(place, verdicts());
                default -> {
                    List<String> verbs = List.of(place.split(" "));
                    shown.addAll(verbs);
                    parts.put(
                            place, verbs.stream().map(verb -> verb(text, verb)).collect(Collectors.joining("\n\n")));
                }
            }
        }
        List<String> all = oauth.getSubcommands().values().stream()
                .map(CommandLine::getCommandName)
                .distinct()
                .toList();
        assertThat(shown).as("verbs in cli.template").containsExactlyInAnyOrderElementsOf(all);
        assertThat(text.used()).as("verbs in examples.yaml").containsAll(examples.keySet());
        return parts;
    }

    private String verb(CommandText text, String verb) {
        CommandSpec spec = oauth.getSubcommands().get(verb).getCommandSpec();
        List<String> all = new ArrayList<>(List.of(text.of(spec, "###")));
        spec.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .distinct()
                .forEach(child -> all.add(text.of(child, "####")));
        return String.join("\n\n", all);
    }

    private String exitCodes() {
        return oauth.getCommandSpec().usageMessage().exitCodeList().entrySet().stream()
                .map(code -> Markdown.item("**" + code.getKey() + "**: " + Markdown.sentence(code.getValue())))
                .collect(Collectors.joining("\n"));
    }

    private static String verdicts() {
        return Enums.of(Sources.main().type("GrantSource.Verdict")).stream()
                .map(verdict -> Markdown.item(Markdown.code(
                                verdict.name().toLowerCase(Locale.ROOT).replace('_', '-')) + ": " + verdict.text()))
                .collect(Collectors.joining("\n"));
    }

    /** Fails when the command line would not take {@code example}. */
    private void checkExample(String example) {
        String words = example.replaceFirst("^.*nexus oauth ", "oauth ").replaceFirst("( [|>]|\\)).*$", "");
        String[] args = words.replaceAll("'[^']*'", "x").split("\\s+");
        try {
            nexus.parseArgs(args);
        } catch (CommandLine.ParameterException e) {
            throw new AssertionError("examples.yaml: " + example + ": " + e.getMessage(), e);
        }
    }
}
