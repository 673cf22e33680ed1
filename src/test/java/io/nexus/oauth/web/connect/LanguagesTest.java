package io.nexus.oauth.web.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The languages of the connect pages, and their texts. */
class LanguagesTest {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{[a-z]+}");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "de | de",
                "de-AT | de",
                "de-CH-1996, en;q=0.5 | de",
                "en-GB,en;q=0.9,de;q=0.8 | en",
                "pt-BR, fr;q=0.3, es;q=0.7 | es",
                "ja | en",
                "* | en",
                "de;q=0, fr | fr",
                "'' | en",
                "  | en",
                "de;q=x | en",
                "<script> | en"
            })
    void theBrowserChooses(String header, String language) {
        assertThat(Languages.of(header == null ? "" : header)).isEqualTo(Locale.of(language));
    }

    @Test
    void aLongHeaderIsNotRead() {
        String least = "de" + ",aa".repeat(Languages.MAX_HEADER);
        assertThat(Languages.of(least)).isEqualTo(Locale.ENGLISH);
        assertThat(Languages.of(least.substring(0, Languages.MAX_HEADER - 1))).isEqualTo(Locale.GERMAN);
    }

    @Test
    void eachLanguageHasEachTextWithTheSamePlaceholders() throws IOException {
        Map<String, String> english = texts(Locale.ENGLISH);
        assertThat(english).hasSizeGreaterThan(70);
        for (Locale language : Languages.ALL) {
            Map<String, String> texts = texts(language);
            assertThat(texts.keySet()).as(language.toString()).isEqualTo(english.keySet());
            texts.forEach((key, text) -> {
                assertThat(text).as(key).isNotBlank();
                assertThat(placeholders(text)).as(language + " " + key).isEqualTo(placeholders(english.get(key)));
                if (!language.equals(Locale.ENGLISH)) {
                    assertThat(text).as(language + " " + key).isNotEqualTo(english.get(key));
                }
            });
        }
    }

    private static TreeSet<String> placeholders(String text) {
        return PLACEHOLDER
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The texts of {@code language} by key. */
    static Map<String, String> texts(Locale language) throws IOException {
        Path file = Path.of("src/main/resources/messages/words_" + language.toLanguageTag() + ".properties");
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> texts = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> texts.put(key, properties.getProperty(key)));
        return texts;
    }
}
