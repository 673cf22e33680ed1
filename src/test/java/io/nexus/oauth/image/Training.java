package io.nexus.oauth.image;

import io.nexus.oauth.testing.LocalPorts;
import io.nexus.oauth.testing.Postgres;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the staged application once, against a real database, and lets the JVM keep what it loaded and linked: the AOT cache. */
final class Training {

    private static final int PATIENCE_SECONDS = 600;

    /** Of a database that lives as long as the training. */
    private static final String PASSWORD = "training";

    private Training() {}

    static void record(Path root, Path directory) throws Exception {
        Files.createDirectories(directory);
        try (Postgres postgres = new Postgres(directory.resolve("bin"), directory, PASSWORD, Postgres.FAST)) {
            int port = LocalPorts.free();
            int management = LocalPorts.free();
            List<String> command = new ArrayList<>(
                    List.of(root.resolve("opt/java/bin/java").toString(), "-XX:AOTCacheOutput=app.aot"));
            // the same arguments as in the image, but for the cache that is not there yet
            Files.readAllLines(root.resolve("app/java.args")).stream()
                    .filter(line -> !line.startsWith("-XX:AOTCache="))
                    .forEach(command::add);
            Path log = directory.resolve("log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(root.resolve("app").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(Settings.of(directory, postgres.port(), port, management));
            Process process = builder.start();
            try {
                await(process, "http://127.0.0.1:" + management + "/q/health/ready", 200, log);
                for (int i = 0; i < 50; i++) {
                    for (String path : List.of("/api/v1/token?provider=google&user=a", "/connect/none", "/")) {
                        ask("http://127.0.0.1:" + port + path);
                    }
                    ask("http://127.0.0.1:" + management + "/q/metrics");
                }
            } finally {
                process.destroy();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            }
        }
        if (!Files.exists(root.resolve("app/app.aot"))) {
            throw new IOException("no AOT cache was made:\n" + Files.readString(directory.resolve("log")));
        }
    }

    /** Asks until the answer is {@code expected}. */
    static void await(Process process, String url, int expected, Path log) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String found = "";
        while (System.nanoTime() < end && process.isAlive()) {
            try {
                found = Integer.toString(ask(url));
                if (found.equals(Integer.toString(expected))) {
                    return;
                }
            } catch (IOException e) {
                found = e.toString();
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IOException(url + ": " + found + "\n" + Files.readString(log));
    }

    private static int ask(String url) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(2_000);
        connection.setReadTimeout(10_000);
        connection.setInstanceFollowRedirects(false);
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    /** What an operator sets, as in production. */
    static final class Settings {

        private Settings() {}

        static java.util.Map<String, String> of(Path directory, int database, int port, int management)
                throws IOException {
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            Path keys = Files.writeString(
                    directory.resolve("encryption.key"), Base64.getUrlEncoder().encodeToString(key));
            Path first = Files.writeString(
                    directory.resolve("first-api-key"), HexFormat.of().formatHex(key, 0, 16));
            for (Path each : List.of(keys, first)) {
                Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-------"));
            }
            return java.util.Map.ofEntries(
                    java.util.Map.entry(
                            "QUARKUS_DATASOURCE_REACTIVE_URL",
                            "postgresql://127.0.0.1:" + database + "/" + Postgres.DATABASE),
                    java.util.Map.entry("QUARKUS_DATASOURCE_USERNAME", Postgres.USER),
                    java.util.Map.entry("QUARKUS_DATASOURCE_PASSWORD", PASSWORD),
                    java.util.Map.entry("QUARKUS_HTTP_HOST", "127.0.0.1"),
                    java.util.Map.entry("QUARKUS_MANAGEMENT_HOST", "127.0.0.1"),
                    java.util.Map.entry("QUARKUS_HTTP_PORT", Integer.toString(port)),
                    java.util.Map.entry("QUARKUS_MANAGEMENT_PORT", Integer.toString(management)),
                    java.util.Map.entry("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true"),
                    java.util.Map.entry("NEXUS_OAUTH_EMBEDDED_ENABLED", "false"),
                    java.util.Map.entry("NEXUS_OAUTH_PUBLIC_URL", "https://oauth.example.com"),
                    java.util.Map.entry("NEXUS_OAUTH_ENCRYPTION_KEY_FILES", keys.toString()),
                    java.util.Map.entry("NEXUS_OAUTH_ACCESS_BOOTSTRAP_KEY_FILE", first.toString()),
                    java.util.Map.entry(
                            "NEXUS_OAUTH_JOURNAL_DIRECTORY",
                            directory.resolve("journal").toString()));
        }
    }
}
