package io.nexus.oauth.embedded;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The two URLs of one database: {@code jdbc:postgresql://...} for the migrations and {@code postgresql://...} for
 * everything else. The operator configures one of them.
 */
final class DatabaseUrl {

    /**
     * The parameters of both drivers with their names. A driver sends an unknown parameter to the server as a setting.
     */
    private static final Map<String, String> JDBC_TO_REACTIVE =
            Map.of("user", "user", "password", "password", "sslmode", "sslmode", "currentSchema", "search_path");

    private static final Map<String, String> REACTIVE_TO_JDBC =
            Map.of("user", "user", "password", "password", "sslmode", "sslmode", "search_path", "currentSchema");

    private DatabaseUrl() {}

    /** Converts a JDBC URL to the reactive client's URL. Throws {@link ConfigurationException} when it cannot. */
    static String toReactive(String jdbc) {
        URI uri = parse(jdbc, jdbc.replaceFirst("^jdbc:", ""));
        return "postgresql://" + uri.getRawAuthority() + uri.getRawPath()
                + query(jdbc, parameters(uri), JDBC_TO_REACTIVE);
    }

    /**
     * Converts a reactive URL to a JDBC URL; user information becomes parameters. Throws {@link ConfigurationException}
     * when it cannot.
     */
    static String toJdbc(String reactive) {
        URI uri = parse(reactive, reactive.replaceFirst("^vertx-reactive:", ""));
        List<String> parameters = new ArrayList<>(user(uri.getRawUserInfo()));
        parameters.addAll(parameters(uri));
        String authority = uri.getRawAuthority().replaceFirst("^.*@", "");
        return "jdbc:postgresql://" + authority + uri.getRawPath() + query(reactive, parameters, REACTIVE_TO_JDBC);
    }

    private static URI parse(String given, String url) {
        boolean known = url.startsWith("postgresql://") || url.startsWith("postgres://");
        if (!known || url.contains(",")) {
            throw underivable(given, "it is not of the form postgresql://host:port/database");
        }
        try {
            URI uri = URI.create(url);
            if (uri.getRawAuthority() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // reported below: the parser's own message would repeat the URL, which may hold a password
        }
        throw underivable(given, "it has no host");
    }

    private static List<String> parameters(URI uri) {
        return uri.getRawQuery() == null ? List.of() : List.of(uri.getRawQuery().split("&"));
    }

    private static List<String> user(@Nullable String userInfo) {
        if (userInfo == null) {
            return List.of();
        }
        String[] parts = userInfo.split(":", 2);
        return parts.length == 1 ? List.of("user=" + parts[0]) : List.of("user=" + parts[0], "password=" + parts[1]);
    }

    private static String query(String given, List<String> parameters, Map<String, String> names) {
        List<String> result = new ArrayList<>();
        for (String parameter : parameters) {
            String[] pair = parameter.split("=", 2);
            String name = names.get(pair[0]);
            if (name == null || pair.length == 1) {
                throw underivable(given, "its parameter " + pair[0] + " has no counterpart");
            }
            result.add(name + "=" + pair[1]);
        }
        return result.isEmpty() ? "" : "?" + String.join("&", result);
    }

    private static ConfigurationException underivable(String given, String why) {
        boolean jdbc = given.startsWith("jdbc:");
        String have = jdbc ? "quarkus.datasource.jdbc.url" : "quarkus.datasource.reactive.url";
        String need = jdbc ? "quarkus.datasource.reactive.url" : "quarkus.datasource.jdbc.url";
        return new ConfigurationException(need + " cannot be derived from " + have + ": " + why + ". Configure both.");
    }
}
