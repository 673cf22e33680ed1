package io.nexus.oauth.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.access.Keytool;
import io.nexus.oauth.deploy.Chart;
import io.nexus.oauth.testing.LocalPorts;
import io.nexus.oauth.testing.Postgres;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Unpacks the image and starts what is in it as a container would: its own root, read-only, as its user, with the environment that
 * the chart sets and the files that it mounts.
 * Left out where {@code -Pimage} has built none, or where the tests may not mount.
 */
class ImageIT {

    private static final Path TAR = Path.of("target/image/nexus-oauth.tar");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    /** Every switch that sets a variable. */
    private static final String VALUES = Chart.REQUIRED + """
            bootstrapKey: {existingSecret: nexus-oauth-first-api-key}
            migration: {mode: job}
            tracing: {endpoint: "http://127.0.0.1:1", ratio: "0.5"}
            proxy: {trusted: [10.0.0.0/8]}
            tls: {existingSecret: nexus-oauth-tls, clientCertificates: request, clientCaSecret: callers-ca}
            config: {nexus.oauth.refresh.concurrency: 64}
            """;

    /** Marks a run with the Job's environment in the place of a replica's. */
    private static final Map<String, String> JOB = Map.of("TZ", "UTC");

    private static Path root;
    private static List<Map<String, Object>> objects;
    private static JsonNode config;
    private static Path certificate;
    private static Postgres postgres;

    /** A process in the image's root. */
    private record Running(Process process, Path log, int port, int https, int management) {

        String said() throws IOException {
            return Files.readString(log);
        }

        String url(String path) {
            return "http://127.0.0.1:" + (path.startsWith("/q/") ? management : port) + path;
        }

        int status(String path) {
            try {
                HttpURLConnection connection =
                        (HttpURLConnection) URI.create(url(path)).toURL().openConnection();
                connection.setConnectTimeout(1_000);
                connection.setReadTimeout(5_000);
                return connection.getResponseCode();
            } catch (IOException e) {
                return -1;
            }
        }
    }

    @BeforeAll
    static void unpack() throws Exception {
        boolean possible = Files.exists(TAR) && "root".equals(System.getProperty("user.name"));
        if (!possible) {
            System.err.println(
                    "[WARNING] The image is not looked at: ./mvnw -Pimage verify builds one, and root can mount it.");
        }
        assumeTrue(possible, "no image, or not root");
        Path unpacked = Files.createDirectories(directory.resolve("image"));
        Runtimes.run("tar", "-xf", TAR.toString(), "-C", unpacked.toString());
        JsonNode manifest =
                JSON.readTree(unpacked.resolve("manifest.json").toFile()).get(0);
        config = JSON.readTree(unpacked.resolve(manifest.get("Config").asText()).toFile());
        root = Files.createDirectories(directory.resolve("root"));
        for (JsonNode layer : manifest.get("Layers")) {
            Runtimes.run(
                    "tar",
                    "--numeric-owner",
                    "-xpzf",
                    unpacked.resolve(layer.asText()).toString(),
                    "-C",
                    root.toString());
        }
        mountPoints();
        mount("secret-properties/quarkus.datasource.username", Postgres.USER);
        mount("secret-properties/quarkus.datasource.password", "postgres\n");
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        mount("encryption/encryption.key", Base64.getUrlEncoder().encodeToString(random));
        mount("bootstrap/first-api-key", HexFormat.of().formatHex(random, 0, 16));
        certificates();
        objects = Chart.copyTo(directory.resolve("chart")).objects(VALUES);
        mount(
                "config/application.properties",
                Chart.at(of("ConfigMap"), "/data/application.properties").toString());
        Map<String, String> settings = new HashMap<>(Postgres.FAST);
        settings.put("ssl", "on");
        settings.put("ssl_cert_file", certificate.toString());
        settings.put("ssl_key_file", certificate.resolveSibling("server.key").toString());
        postgres = new Postgres(directory.resolve("bin"), directory, "postgres", settings);
    }

    /** As Kubernetes mounts a Secret with an fsGroup: a link to a folder that is replaced as a whole, for root and that group. */
    private static void mount(String name, String text) throws IOException {
        Path link = root.resolve("etc/nexus-oauth").resolve(name);
        Path file = link.resolveSibling("..2026").resolve(link.getFileName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setAttribute(file, "unix:gid", 10001);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
        if (!Files.exists(link.resolveSibling("..data"), LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(link.resolveSibling("..data"), Path.of("..2026"));
        }
        Files.createSymbolicLink(link, Path.of("..data", link.getFileName().toString()));
    }

    /** One certificate for the database and for the service; it vouches for itself, and for callers. */
    private static void certificates() throws Exception {
        certificate = Keytool.key(directory.resolve("keys"), "server", "CN=here", "san=ip:127.0.0.1");
        KeyStore store =
                KeyStore.getInstance(certificate.resolveSibling("server.p12").toFile(), Keytool.PASSWORD.toCharArray());
        byte[] secret = store.getKey("server", Keytool.PASSWORD.toCharArray()).getEncoded();
        String key = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(secret)
                + "\n-----END PRIVATE KEY-----\n";
        Path file = Files.writeString(certificate.resolveSibling("server.key"), key);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        String text = Files.readString(certificate);
        mount("database-ca/ca.crt", text);
        mount("client-ca/ca.crt", text);
        mount("tls/tls.crt", text);
        mount("tls/tls.key", key);
    }

    private static Map<String, Object> of(String kind) {
        return Chart.of(kind, objects).getFirst();
    }

    /** What a container runtime puts into every root. */
    private static void mountPoints() throws IOException {
        for (String name : List.of("proc", "dev", "sys")) {
            Files.createDirectories(root.resolve(name));
        }
        for (String device : List.of("null", "random", "urandom")) {
            Files.createFile(root.resolve("dev").resolve(device));
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void stop() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
    }

    private static Map<String, String> environment(boolean job) {
        Map<String, String> environment = new HashMap<>();
        config.at("/config/Env").forEach(each -> {
            String[] pair = each.asText().split("=", 2);
            environment.put(pair[0], pair[1]);
        });
        String workload = job ? "Job" : "StatefulSet";
        Object variables = Chart.at(of(workload), "/spec/template/spec/containers/0/env");
        for (Object each : (List<?>) variables) {
            Map<?, ?> variable = (Map<?, ?>) each;
            environment.put(
                    variable.get("name").toString(), variable.get("value").toString());
        }
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        environment.put("JDK_JAVA_OPTIONS", "-XX:MaxRAMPercentage=10");
        return environment;
    }

    private static Running run(String database, Map<String, String> more, String... command) throws Exception {
        int port = LocalPorts.free();
        int https = LocalPorts.free();
        int management = LocalPorts.free();
        Path log = Files.createTempFile(directory, "log", "");
        String mounts = "R=" + root + "; mount --bind $R $R && mount --rbind /proc $R/proc"
                + " && for d in null random urandom; do mount --bind /dev/$d $R/dev/$d; done"
                + " && mount -o remount,bind,ro $R && mount -t tmpfs -o mode=1777 tmpfs $R/tmp"
                + " && mount -t tmpfs -o mode=0700,uid=10001,gid=10001 tmpfs $R/var/lib/nexus-oauth"
                + " && exec unshare --root=$R --wd="
                + config.at("/config/WorkingDir").asText()
                + " --setgid 10001 --setuid 10001 /opt/java/bin/";
        ProcessBuilder builder = new ProcessBuilder(
                        "unshare", "--mount", "sh", "-c", mounts + String.join(" ", command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment(more == JOB));
        builder.environment().put("PATH", "/opt/java/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("QUARKUS_HTTP_SSL_PORT", Integer.toString(https));
        builder.environment().put("QUARKUS_MANAGEMENT_PORT", Integer.toString(management));
        for (String name : List.of("QUARKUS_DATASOURCE_REACTIVE_URL", "QUARKUS_DATASOURCE_JDBC_URL")) {
            builder.environment()
                    .computeIfPresent(
                            name,
                            (ignored, url) -> url.replace(
                                    "db.internal:5432/nexus", "127.0.0.1:" + postgres.port() + "/" + database));
        }
        builder.environment().putAll(more);
        return new Running(builder.start(), log, port, https, management);
    }

    private static void database(String name) throws Exception {
        postgres.execute("postgres", "CREATE DATABASE " + name);
    }

    private static String[] entrypoint() {
        List<String> words = new ArrayList<>();
        config.at("/config/Entrypoint").forEach(word -> words.add(word.asText()));
        return words.toArray(String[]::new);
    }

    @Test
    void itIsSmallInWhatItMayAndHasItsBillOfMaterials() throws Exception {
        assertThat(config.at("/config/User").asText()).isEqualTo("10001:10001");
        assertThat(config.at("/rootfs/diff_ids")).hasSize(5);
        assertThat(root.resolve("bin/sh")).doesNotExist();
        try (Stream<Path> files = Files.walk(root.resolve("app"))) {
            assertThat(files).allSatisfy(file -> {
                assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(0);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                                .charAt(7))
                        .isEqualTo('-');
            });
        }
        JsonNode bill = JSON.readTree(root.resolve("app/sbom.cdx.json").toFile());
        assertThat(bill.get("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(bill.get("components").findValuesAsText("name")).contains("quarkus-core", "vertx-pg-client");
    }

    @Test
    void itServesAsItsUserOnAReadOnlyRootAndLeavesInOrder() throws Exception {
        database("serving");
        long started = System.nanoTime();
        Running running = run(
                "serving",
                Map.of(
                        "QUARKUS_SHUTDOWN_DELAY",
                        "30s",
                        "QUARKUS_FLYWAY_MIGRATE_AT_START",
                        "true",
                        "QUARKUS_FLYWAY_VALIDATE_AT_START",
                        "false"),
                entrypoint());
        try {
            Training.await(running.process(), running.url("/q/health/ready"), 200, running.log());
            System.out.printf("ready after %d ms%n", (System.nanoTime() - started) / 1_000_000);
            assertThat(running.status("/api/v1/credentials")).isEqualTo(401);
            assertThat(encrypted(running.https())).isEqualTo(401);
            assertThat(sessionsOverTls("serving")).isPositive();
            String status =
                    Files.readString(Path.of("/proc/" + running.process().pid() + "/status"));
            assertThat(status).containsPattern("Uid:\\s10001\\s10001\\s10001\\s10001");
            assertThat(Files.readString(Path.of("/proc/" + running.process().pid() + "/mountinfo")))
                    .containsPattern(" / ro,| " + root + " ro,");
            assertThat(running.said().lines().filter(line -> line.startsWith("{")))
                    .isNotEmpty()
                    .allSatisfy(line ->
                            assertThat(JSON.readTree(line).has("message")).isTrue());
            Running probe = run(
                    "serving",
                    Map.of(),
                    "java -Dattempts=2 -Xmx32m -cp 'app/*' io.nexus.oauth.monitor.HttpProbe",
                    "200=" + running.url("/q/health/ready"),
                    "401=" + running.url("/api/v1/credentials"));
            assertThat(probe.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(probe.process().exitValue()).as(probe.said()).isZero();

            running.process().destroy();
            // not ready any more, and still serving
            Training.await(running.process(), running.url("/q/health/ready"), 503, running.log());
            assertThat(running.status("/api/v1/credentials")).isEqualTo(401);
            assertThat(running.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(running.said()).doesNotContain("\"level\":\"ERROR\"");
        } finally {
            running.process().destroyForcibly();
        }
    }

    /** The answer of the port with the mounted certificate, and of nobody with another. */
    private static int encrypted(int port) throws Exception {
        KeyStore trusted =
                KeyStore.getInstance(certificate.resolveSibling("server.p12").toFile(), Keytool.PASSWORD.toCharArray());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("server", trusted.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        HttpsURLConnection connection =
                (HttpsURLConnection) URI.create("https://127.0.0.1:" + port + "/api/v1/credentials")
                        .toURL()
                        .openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        return connection.getResponseCode();
    }

    private static int sessionsOverTls(String database) throws Exception {
        try (var connection = postgres.connect("postgres");
                var statement = connection.createStatement();
                var result = statement.executeQuery("SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                        + " WHERE ssl AND application_name = 'nexus-oauth' AND datname = '" + database + "'")) {
            result.next();
            return result.getInt(1);
        }
    }

    /** A cache that does not fit is left aside without a word. */
    @Test
    void theCacheSavesMuchOfTheStart() throws Exception {
        database("starting");
        cpuUntilReady("-XX:MaxRAMPercentage=10"); // the first start migrates
        Duration with = cpuUntilReady("-XX:MaxRAMPercentage=10");
        Duration without = cpuUntilReady("-XX:MaxRAMPercentage=10 -XX:AOTMode=off");
        System.out.printf("processor time until ready: %s with the AOT cache, %s without%n", with, without);
        assertThat(with).isLessThan(without.multipliedBy(7).dividedBy(10));
    }

    private static Duration cpuUntilReady(String options) throws Exception {
        Running running = run(
                "starting",
                Map.of(
                        "JDK_JAVA_OPTIONS",
                        options,
                        "QUARKUS_FLYWAY_MIGRATE_AT_START",
                        "true",
                        "QUARKUS_FLYWAY_VALIDATE_AT_START",
                        "false",
                        "QUARKUS_SHUTDOWN_DELAY",
                        "0s"),
                entrypoint());
        try {
            Training.await(running.process(), running.url("/q/health/ready"), 200, running.log());
            Files.readAllLines(Path.of("/proc/" + running.process().pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS"))
                    .forEach(line -> System.out.println(options + ": " + line));
            return running.process().info().totalCpuDuration().orElseThrow();
        } finally {
            running.process().destroyForcibly().waitFor();
        }
    }

    @Test
    void theProbeTellsWhatDoesNotAnswer() throws Exception {
        Running probe = run(
                "postgres",
                Map.of(),
                "java -Dattempts=1 -Xmx32m -cp 'app/*' io.nexus.oauth.monitor.HttpProbe 200=http://127.0.0.1:1/");
        assertThat(probe.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(probe.process().exitValue()).isEqualTo(1);
    }

    @Test
    void theMigrationRunsByItselfAndAReplicaWaitsForNobodyElseToDoIt() throws Exception {
        database("migrated");
        Map<String, String> replica = Map.of();
        Running early = run("migrated", replica, entrypoint());
        assertThat(early.process().waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(early.process().exitValue()).as(early.said()).isNotZero();

        Running job = run("migrated", JOB, entrypoint());
        assertThat(job.process().waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(job.process().exitValue()).as(job.said()).isZero();
        assertThat(job.said()).doesNotContain("Listening on");

        Running later = run("migrated", replica, entrypoint());
        try {
            Training.await(later.process(), later.url("/q/health/ready"), 200, later.log());
        } finally {
            later.process().destroy();
            later.process().waitFor(2, TimeUnit.MINUTES);
        }
    }
}
