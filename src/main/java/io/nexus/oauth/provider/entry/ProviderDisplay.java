package io.nexus.oauth.provider.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the pages show a provider to a person.
 *
 * @param icon the name of the provider's icon, or null for the first letter of its name
 * @param console the page of the provider where an operator registers an OAuth client, or null
 * @param scopeWords what each scope permits, in words by language; English is always among them
 */
public record ProviderDisplay(
        @Nullable String icon, @Nullable URI console, Map<String, Map<String, String>> scopeWords) {

    /** The most characters that describe a scope: a line or two of a page. */
    static final int MAX_WORDS = 200;

    /** The most characters of the address of a console. */
    private static final int MAX_CONSOLE = 500;

    /** Of a provider that has a name only. */
    public static final ProviderDisplay NONE = new ProviderDisplay(null, null, Map.of());

    private static final String ENGLISH = Locale.ENGLISH.getLanguage();
    private static final Pattern ICON = Pattern.compile("[a-z0-9]{1,40}");
    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}");

    /** The permission of {@code scope} in words, in the language of {@code locale} or in English; empty when the provider file does not say. */
    public Optional<String> words(String scope, Locale locale) {
        return Optional.ofNullable(scopeWords.get(scope))
                .map(words -> words.getOrDefault(locale.getLanguage(), words.get(ENGLISH)));
    }

    /** The values that {@code entry} has for its pages. */
    public static ProviderDisplay read(CatalogueSection entry) {
        String icon = entry.text("icon");
        if (icon != null && !ICON.matcher(icon).matches()) {
            entry.fault("icon", "is made of a-z and 0-9, 40 at most");
            icon = null;
        }
        Map<String, Map<String, String>> words = new LinkedHashMap<>();
        CatalogueSection scopes = entry.child("scope_words");
        scopes.keys().forEach(scope -> words.put(scope, words(scopes, scope)));
        return new ProviderDisplay(icon, console(entry), Map.copyOf(words));
    }

    private static @Nullable URI console(CatalogueSection entry) {
        String text = entry.text("console");
        if (text == null) {
            return null;
        }
        try {
            URI url = new URI(text);
            if ("https".equals(url.getScheme()) && url.getHost() != null && text.length() <= MAX_CONSOLE) {
                return url;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        entry.fault("console", "must be a URL that starts with https://, " + MAX_CONSOLE + " characters at most");
        return null;
    }

    private static Map<String, String> words(CatalogueSection scopes, String scope) {
        JsonNode node = scopes.node(scope);
        Map<String, String> words = node.isTextual() ? Map.of(ENGLISH, node.asText()) : scopes.map(scope);
        words.forEach((language, text) -> {
            if (!LANGUAGE.matcher(language).matches()) {
                scopes.fault(scope, "the key of a translation is a language, for example de");
            }
            if (text.isBlank() || text.length() > MAX_WORDS || text.chars().anyMatch(Character::isISOControl)) {
                scopes.fault(scope, "must be 1 to " + MAX_WORDS + " characters without line breaks");
            }
        });
        if (!words.containsKey(ENGLISH)) {
            scopes.fault(scope, "must be text, or a map of texts by language with en among them");
        }
        return Map.copyOf(words);
    }
}
