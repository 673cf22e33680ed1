package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code configuration.md}: every key from its Javadoc. A place of the template is the prefix of the keys that it takes. */
final class ConfigurationPage implements Page {

    private static final Pattern FRAMEWORK = Pattern.compile("(?m)^### `(quarkus[^`]+)`\\R\\R.* default `([^`]+)` ");

    @Override
    public String name() {
        return "configuration";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        List<Setting> settings = SettingsReader.read();
        checkHandWritten();
        Map<String, List<Setting>> groups = new LinkedHashMap<>();
        places.forEach(place -> groups.put(place, new ArrayList<>()));
        for (Setting setting : settings) {
            String place = places.stream()
                    .filter(prefix ->
                            setting.key().equals(prefix) || setting.key().startsWith(prefix + "."))
                    .max(Comparator.comparing(String::length))
                    .orElseThrow(() -> new AssertionError("configuration.template has no place for " + setting.key()));
            groups.get(place).add(setting);
        }
        Map<String, String> parts = new LinkedHashMap<>();
        groups.forEach((place, members) -> {
            assertThat(members).as("keys of " + place).isNotEmpty();
            String intro = SettingsReader.group(place)
                    .map(text -> Markdown.wrapped(text) + "\n\n")
                    .orElse("");
            parts.put(
                    place,
                    members.stream().map(ConfigurationPage::entry).collect(Collectors.joining("\n\n", intro, "")));
        });
        return parts;
    }

    /** What the template says itself: defaults of the framework's keys that this service changes. */
    private static void checkHandWritten() throws IOException {
        String template = Template.text("configuration");
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            properties.load(reader);
        }
        FRAMEWORK
                .matcher(template)
                .results()
                .filter(entry -> properties.containsKey(entry.group(1)))
                .forEach(entry -> assertThat(entry.group(2))
                        .as(entry.group(1))
                        .isEqualTo(properties.getProperty(entry.group(1))));
    }

    private static String entry(Setting setting) {
        String facts = setting.type()
                + (setting.fallback() == null ? "" : " · default " + Markdown.code(setting.fallback()))
                + " · " + Markdown.code(setting.variable());
        String choices = setting.choices().entrySet().stream()
                .map(choice ->
                        Markdown.item(Markdown.code(choice.getKey()) + ": " + Markdown.sentence(choice.getValue())))
                .collect(Collectors.joining("\n"));
        return "### `" + setting.key() + "`\n\n" + Markdown.wrapped(facts) + "\n\n"
                + Markdown.wrapped(Markdown.sentence(setting.text())) + (choices.isEmpty() ? "" : "\n\n" + choices);
    }
}
