package io.nexus.oauth.bench;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.Keyring;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.crypto.TenantKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The packaged service as a process, with the settings of production but for plain HTTP to the provider on loopback. */
final class BenchService implements AutoCloseable {

    static final String CLIENT = "nexus-bench";
    static final String PROVIDER = "bench";

    private static final Pattern MANAGEMENT =
            Pattern.compile("Management interface listening on http://127\\.0\\.0\\.1:(\\d+)");

    private final String apiKey = HexFormat.of().formatHex(random(32));
    private final Keyring keyring;
    private final Process process;
    private final Path log;
    private final int port;

    BenchService(
            Path jar, Path directory, BenchPostgres postgres, int providerPort, int concurrency, String... settings)
            throws Exception {
        this(0, jar, directory, postgres, providerPort, concurrency, settings);
    }

    /** @param others how many providers its catalogue has beside {@link #PROVIDER}: {@code bench-1} and so on, each with a client */
    BenchService(
            int others,
            Path jar,
            Path directory,
            BenchPostgres postgres,
            int providerPort,
            int concurrency,
            String... settings)
            throws Exception {
        String masterKey = Base64.getUrlEncoder().encodeToString(random(32));
        keyring = Keyring.of(List.of(Secret.of(masterKey)));
        String url = "http://127.0.0.1:" + providerPort;
        StringBuilder providers = new StringBuilder("providers:\n");
        StringBuilder clients = new StringBuilder();
        for (int i = 0; i <= others; i++) {
            String id = i == 0 ? PROVIDER : PROVIDER + "-" + i;
            providers.append("""
                      %s:
                        name: Bench
                        authorize: {url: "%s/authorize"}
                        token: {url: "%s/token", auth: post}
                        refresh: {rotation: always, grace_s: 0}
                        revoke: {style: rfc7009, url: "%s/revoke", auth: post}
                    """.formatted(id, url, url, url).indent(2));
            clients.append("nexus.oauth.clients.%1$s.provider=%1$s%n".formatted(id))
                    .append("nexus.oauth.clients.%s.client-id=%s%n".formatted(id, CLIENT))
                    .append("nexus.oauth.clients.%s.client-secret=secret%n".formatted(id));
        }
        Path catalogue = Files.writeString(directory.resolve("providers.yaml"), providers.toString());
        Path registrations = Files.writeString(directory.resolve("clients.properties"), clients.toString());
        log = directory.resolve("service.log");
        List<String> arguments = new ArrayList<>(List.of(
                "-Dnexus.oauth.home=" + directory.resolve("home"),
                "-Dnexus.oauth.journal.directory=" + directory.resolve("journal"),
                "-Dnexus.oauth.mode=local",
                "-Dnexus.oauth.public-url=http://127.0.0.1:1",
                "-Dnexus.oauth.encryption.key-files="
                        + Files.writeString(directory.resolve("encryption.key"), masterKey),
                "-Dnexus.oauth.access.bootstrap-key-file=" + Files.writeString(directory.resolve("api-key"), apiKey),
                "-Dnexus.oauth.providers.allow-insecure-http=true",
                "-Dnexus.oauth.providers.files=" + catalogue,
                "-Dquarkus.config.locations=" + registrations,
                "-Dnexus.oauth.refresh.concurrency=" + concurrency,
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.management.host=127.0.0.1",
                "-Dquarkus.http.port=0",
                "-Dquarkus.management.port=0",
                "-Dquarkus.datasource.username=" + BenchPostgres.USER,
                "-Dquarkus.datasource.password=" + postgres.password(),
                "-Dquarkus.datasource.reactive.url=postgresql://127.0.0.1:" + postgres.port() + "/"
                        + BenchPostgres.DATABASE));
        arguments.addAll(List.of(settings));
        String more = System.getProperty("bench.jvm", "");
        if (!more.isBlank()) {
            arguments.addAll(List.of(more.split(" ")));
        }
        arguments.addAll(List.of("-jar", jar.toString()));
        process = Processes.java(arguments)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        port = awaitPort(process, log);
    }

    static int awaitPort(Process service, Path log) throws Exception {
        for (int i = 0; i < 900 && service.isAlive(); i++) {
            for (String line : Files.readAllLines(log)) {
                int at = line.indexOf("Listening on: http://127.0.0.1:");
                if (at >= 0) {
                    return Integer.parseInt(line.substring(at + 31).split("\\D", 2)[0]);
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IllegalStateException("the service did not start:\n" + Files.readString(log));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    int port() {
        return port;
    }

    String apiKey() {
        return apiKey;
    }

    /** Seals under the master key. */
    SecretSealer sealer() {
        return new SecretSealer(keyring);
    }

    /** Opens what the service sealed for {@code tenant}, with the tenant's keys. */
    SecretSealer opener(TenantId tenant, Connection connection) throws SQLException {
        List<SealedTenantKey> stored = BenchPostgres.rows(
                        connection,
                        "SELECT key_id || ' ' || encrypted_key FROM tenant_keys WHERE tenant_id = '" + tenant.value()
                                + "'")
                .stream()
                .map(row -> row.split(" ", 2))
                .map(row -> new SealedTenantKey(tenant, row[0], new SealedSecret(row[1])))
                .toList();
        TenantKeys keys = new TenantKeys();
        SecretSealer opener = new SecretSealer(keyring, keys);
        keys.learn(tenant, stored, opener);
        return opener;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    /** Prints what it had to warn of, each kind of message once. */
    void complain() throws IOException {
        Files.readAllLines(log).stream()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                .collect(Collectors.groupingBy(
                        line -> line.replaceFirst("^\\S+ \\S+ +", "").replaceAll("[0-9a-f-]{36}", "…"),
                        Collectors.counting()))
                .forEach((line, count) -> RefreshBenchmark.print("  %d x %s%n", count, line));
    }

    /** What its metrics tell of the provider. */
    List<String> metrics() throws IOException {
        String said = Files.readString(log);
        Matcher at = MANAGEMENT.matcher(said);
        if (!at.find()) {
            return List.of();
        }
        try (HttpConnection http = new HttpConnection(Integer.parseInt(at.group(1)))) {
            http.exchange(HttpConnection.request("GET", "/q/metrics", "", "text/plain", ""));
            return http.body()
                    .lines()
                    .filter(line -> !line.startsWith("#") && line.contains("\"" + PROVIDER + "\""))
                    .toList();
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
