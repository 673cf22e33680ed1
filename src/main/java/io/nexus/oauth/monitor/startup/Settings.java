package io.nexus.oauth.monitor.startup;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/** Reads the configuration as text, so that values that cannot be converted can be checked too. */
final class Settings {

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

    private final Config config;

    Settings(Config config) {
        this.config = config;
    }

    /** The value, if it is set and not blank. */
    Optional<String> text(String key) {
        return config.getOptionalValue(key, String.class).map(String::strip).filter(text -> !text.isEmpty());
    }

    boolean isTrue(String key) {
        return text(key).filter("true"::equalsIgnoreCase).isPresent();
    }

    /** The values of a list: between commas, or one for each index. */
    List<String> list(String key) {
        return config.getOptionalValues(key, String.class).orElse(List.of()).stream()
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** The value as {@code type}; empty when it is not set or cannot be converted. */
    <T> Optional<T> value(String key, Class<T> type) {
        try {
            return config.getOptionalValue(key, type);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The keys that match {@code pattern}, sorted. */
    List<String> keys(Pattern pattern) {
        return StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                .filter(name -> pattern.matcher(name).matches())
                .sorted()
                .distinct()
                .toList();
    }

    /** The name of the configuration source that sets the value. */
    String source(String key) {
        return String.valueOf(config.getConfigValue(key).getSourceName());
    }

    static boolean isLoopback(String host) {
        return LOOPBACK.contains(host);
    }

    static Optional<URI> uri(String text) {
        try {
            return Optional.of(new URI(text));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
