package io.nexus.oauth.embedded;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values of local mode for properties that are not configured. Reading a value may start the server or create a
 * file; the caller holds {@link HomeLock}.
 */
final class LocalSettings {

    /** The tenant of the generated API key. Only {@code nexus oauth demo} uses the sandbox under its other names. */
    private static final String TENANT = "default";

    private LocalSettings() {}

    static Map<String, Supplier<String>> of(HomeDirectory home, LaunchMode mode, boolean makeEncryptionKey) {
        Map<String, Supplier<String>> settings = new LinkedHashMap<>(database(home));
        settings.putAll(loopback(mode));
        settings.putAll(sandbox(home));
        settings.put("nexus.oauth.mode", () -> "local");
        settings.put("nexus.oauth.providers.allow-insecure-http", () -> "true");
        settings.put("nexus.oauth.access.bootstrap-key-file", () -> file(home, "api-key", LocalSecrets::apiKey));
        if (makeEncryptionKey) {
            settings.put(
                    "nexus.oauth.encryption.key-files",
                    () -> file(home, "encryption.key", LocalSecrets::encryptionKey));
        }
        return settings;
    }

    private static Map<String, Supplier<String>> database(HomeDirectory home) {
        Server server = new Server(home);
        return Map.of(
                "quarkus.datasource.reactive.url", server::url,
                "quarkus.datasource.jdbc.url", () -> "jdbc:" + server.url(),
                "quarkus.datasource.username", () -> DatabaseRole.NAME,
                "quarkus.datasource.password", () -> EmbeddedServer.password(home));
    }

    /** Local mode listens on loopback only, because it uses freshly generated keys. */
    private static Map<String, Supplier<String>> loopback(LaunchMode mode) {
        String port = mode == LaunchMode.TEST ? "${quarkus.http.test-port:8081}" : "${quarkus.http.port:8080}";
        return Map.of(
                "quarkus.http.host", () -> "127.0.0.1",
                "quarkus.management.host", () -> "127.0.0.1",
                "nexus.oauth.public-url", () -> "http://127.0.0.1:" + port);
    }

    private static Map<String, Supplier<String>> sandbox(HomeDirectory home) {
        Map<String, Supplier<String>> settings = new LinkedHashMap<>();
        settings.put("nexus.oauth.sandbox.enabled", () -> "true");
        for (String provider : List.of("sandbox", "sandbox-mail", "sandbox-files")) {
            String client = "nexus.oauth.clients." + provider + ".";
            settings.put(client + "provider", () -> provider);
            settings.put(client + "client-id", () -> "nexus-local");
            settings.put(client + "machine-connections", () -> "true");
            settings.put(client + "client-secret", () -> kept(home, "sandbox-secret"));
            settings.put(client + "scopes", () -> "profile,email");
            settings.put(client + "vars.base", () -> "${nexus.oauth.public-url}/sandbox");
            if (!provider.equals("sandbox")) {
                settings.put(client + "tenant", () -> TENANT);
            }
        }
        return settings;
    }

    private static String file(HomeDirectory home, String name, Supplier<String> content) {
        return home.keep(name, content).toString();
    }

    private static String kept(HomeDirectory home, String name) {
        return home.kept(name, LocalSecrets::password);
    }

    /** Remembers a failed start: the configuration asks several times, and each attempt may take a minute. */
    private static final class Server {
        private final HomeDirectory home;
        private @Nullable ConfigurationException failure;

        Server(HomeDirectory home) {
            this.home = home;
        }

        synchronized String url() {
            if (failure != null) {
                throw failure;
            }
            try {
                return "postgresql://127.0.0.1:" + EmbeddedServer.port(home) + "/" + DatabaseRole.NAME;
            } catch (ConfigurationException e) {
                failure = e;
                throw e;
            }
        }
    }
}
