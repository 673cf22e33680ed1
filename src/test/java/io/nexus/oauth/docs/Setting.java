package io.nexus.oauth.docs;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key of the configuration.
 *
 * @param key its name; a part in angle brackets is the operator's
 * @param type what its value is, in words
 * @param fallback its default, or null when it has none
 * @param text what it does
 * @param choices the values of an enumeration with their texts; empty for all other types
 */
record Setting(String key, String type, @Nullable String fallback, String text, Map<String, String> choices) {

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("boolean", "`true` or `false`"),
            Map.entry("int", "number"),
            Map.entry("long", "number"),
            Map.entry("String", "text"),
            Map.entry("Duration", "duration"),
            Map.entry("MemorySize", "size"),
            Map.entry("Path", "path"),
            Map.entry("URI", "URL"));

    /** Whether {@code type} is the simple name of a type whose values are written as one text. */
    static boolean isPlain(String type) {
        return TYPES.containsKey(type);
    }

    /** What a reader calls the type with the simple name {@code type}. Fails when it is not plain. */
    static String word(String type) {
        return Optional.ofNullable(TYPES.get(type))
                .orElseThrow(() -> new AssertionError("no word for the type " + type));
    }

    /** The environment variable that stands for the key (SmallRye Config: every other character becomes an underscore). */
    String variable() {
        return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9<>]", "_");
    }
}
