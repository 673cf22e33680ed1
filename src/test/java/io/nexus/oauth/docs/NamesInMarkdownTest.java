package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.cli.CliModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Keys, metrics and commands that the documents name exist. */
class NamesInMarkdownTest {

    private static final Pattern KEY = Pattern.compile("(?<![\\w./-])nexus\\.oauth\\.[a-z][a-z0-9.<>*-]*[a-z0-9>*]");
    private static final Pattern METRIC = Pattern.compile("\\bnexus_oauth_[a-z_]+[a-z]");
    private static final Pattern COMMAND = Pattern.compile("(?<![\\w/-])nexus oauth ([^|>;&)#\\n]*)");

    /** Names of the database that begin like a metric. */
    private static final List<String> ROLES = List.of("nexus_oauth_tenant");

    private final Map<Path, String> documents = Documents.all();
    private final CommandLine commands = CliModel.tree();

    @Test
    void everyKeyOfTheConfigurationExists() throws IOException {
        List<String> keys = SettingsReader.read().stream().map(Setting::key).toList();
        assertThat(found(KEY)).hasSizeGreaterThan(100);
        List<String> unknown = found(KEY).stream()
                .filter(name -> keys.stream().noneMatch(key -> isMeant(name.replaceFirst(".* ", ""), key)))
                .toList();
        assertThat(unknown).isEmpty();
    }

    /** The key or its beginning; a part in brackets or a star stands for any part. */
    private static boolean isMeant(String name, String key) {
        String[] named = name.split("\\.");
        String[] parts = key.split("\\.");
        return named.length <= parts.length
                && IntStream.range(0, named.length)
                        .allMatch(at -> named[at].equals(parts[at])
                                || parts[at].startsWith("<")
                                || named[at].matches("<.*>|\\*"));
    }

    @Test
    void everyMetricExists() throws IOException {
        List<String> metrics = List.copyOf(Metric.all().keySet());
        assertThat(found(METRIC)).hasSizeGreaterThan(50);
        List<String> unknown = found(METRIC).stream()
                .filter(name -> !ROLES.contains(name.replaceFirst(".* ", "")))
                .filter(name -> metrics.stream()
                        .noneMatch(metric -> name.replaceFirst(".* ", "")
                                .replaceFirst("_(bucket|count|sum|max)$", "")
                                .equals(metric)))
                .toList();
        assertThat(unknown).isEmpty();
    }

    @Test
    void everyCommandIsOneThatTheCommandLineTakes() {
        List<String> looked = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        documents.forEach((file, text) -> Fences.of(text).stream()
                .filter(block -> List.of("console", "shell", "sh", "bash").contains(block.language()))
                .forEach(block -> COMMAND.matcher(block.text().replace("\\\n", " "))
                        .results()
                        .peek(command -> looked.add(command.group()))
                        .filter(command -> !taken(command.group(1)))
                        .forEach(command -> refused.add(file + ":" + block.line() + " "
                                + command.group().strip()))));
        assertThat(looked).hasSizeGreaterThan(20);
        assertThat(refused).isEmpty();
    }

    private boolean taken(String command) {
        String words =
                ("oauth " + command).replaceAll("\"[^\"]*\"|'[^']*'", "x").replaceAll("['\"]+.*$", "");
        try {
            // git itself adds the action
            String whole = words.startsWith("oauth git-credential") ? words + " get" : words;
            commands.parseArgs(whole.strip().split("\\s+"));
            return true;
        } catch (CommandLine.ParameterException e) {
            return false;
        }
    }

    private List<String> found(Pattern pattern) {
        List<String> found = new ArrayList<>();
        documents.forEach((file, text) ->
                pattern.matcher(text).results().forEach(match -> found.add(file + ": " + match.group())));
        return found;
    }
}
