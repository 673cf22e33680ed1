package io.nexus.oauth.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Adds groups of commands and examples to the help. Reads the examples only when help is printed. */
final class HelpPages {

    private static final Map<String, List<String>> GROUPS = groups();

    private HelpPages() {}

    private static Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        groups.put("Accounts", List.of("list", "get", "connect", "refresh", "test", "revoke", "usage"));
        groups.put("Tokens for programs", List.of("token", "exec", "agent", "git-credential"));
        groups.put("Set-up", List.of("providers", "clients", "api-keys", "policies"));
        groups.put("Operation", List.of("audit", "keys", "export", "import"));
        groups.put("This machine", List.of("login", "context", "demo", "completion", "explain"));
        return groups;
    }

    static void addTo(CommandSpec oauth) {
        oauth.usageMessage().sectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        oauth.usageMessage().sectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, HelpPages::grouped);
        examples().forEach((path, lines) -> {
            CommandSpec spec = oauth;
            for (String word : path.split(" ")) {
                spec = Objects.requireNonNull(spec.subcommands().get(word)).getCommandSpec();
            }
            List<String> footer = new ArrayList<>(List.of(spec.usageMessage().footer()));
            footer.addAll(List.of("", "Examples:"));
            lines.forEach(line -> footer.add("  " + line.replace("%", "%%")));
            spec.usageMessage().footer(footer.toArray(String[]::new));
        });
    }

    private static String grouped(Help help) {
        // the keys hold the aliases, too
        Map<String, String> keys = help.subcommands().entrySet().stream()
                .collect(Collectors.toMap(each -> each.getValue().commandSpec().name(), Map.Entry::getKey));
        Set<String> listed = GROUPS.values().stream().flatMap(List::stream).collect(Collectors.toSet());
        if (!listed.equals(keys.keySet())) {
            throw new IllegalStateException("each command is in one group: " + keys.keySet());
        }
        return GROUPS.entrySet().stream()
                .map(group ->
                        "%n%s:%n".formatted(group.getKey()) + help.commandList(chosen(help, group.getValue(), keys)))
                .collect(Collectors.joining());
    }

    private static Map<String, Help> chosen(Help help, List<String> names, Map<String, String> keys) {
        Map<String, Help> chosen = new LinkedHashMap<>();
        for (String name : names) {
            String key = Objects.requireNonNull(keys.get(name));
            chosen.put(key, Objects.requireNonNull(help.subcommands().get(key)));
        }
        return chosen;
    }

    private static Map<String, List<String>> examples() {
        try (InputStream in = Objects.requireNonNull(HelpPages.class.getResourceAsStream("examples.yaml"))) {
            return new ObjectMapper(new YAMLFactory()).readValue(in, new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
