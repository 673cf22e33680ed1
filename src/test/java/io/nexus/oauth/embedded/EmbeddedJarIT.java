package io.nexus.oauth.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service with no database configured, started and stopped the way people and machines do it. */
class EmbeddedJarIT {

    @TempDir
    Path temporary;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endWhatWasStarted() throws Exception {
        started.forEach(Process::destroy);
        for (Process process : started) {
            process.waitFor(120, TimeUnit.SECONDS);
            process.destroyForcibly();
        }
        for (String name : List.of("home", "other")) {
            new ServerProcess(home(name)).stop();
        }
    }

    @Test
    void startsRefusesASecondInstanceAndStopsCleanly() throws Exception {
        Process first = start("first.log", "home");
        awaitLog("first.log", "Production needs a database");
        assertThat(log("first.log"))
                .contains("EMBEDDED database", home("home").file("api-key").toString())
                .doesNotContain(
                        Files.readString(home("home").file("pg/password")).strip());
        assertThat(log("first.log").indexOf("LOCAL MODE"))
                .isGreaterThan(log("first.log").indexOf("Listening on"));

        Process second = start("second.log", "home");
        assertThat(second.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isNotZero();
        assertThat(log("second.log"))
                .containsOnlyOnce("is in use by another Nexus OAuth (process " + first.pid() + ")")
                .contains(home("home").path().toString(), "nexus.oauth.home", "QUARKUS_DATASOURCE_REACTIVE_URL");
        assertThat(first.isAlive()).isTrue();

        ProcessHandle server = new ServerProcess(home("home")).find().orElseThrow();
        first.destroy();
        assertThat(first.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(server.info().command()).isEmpty();
        assertThat(home("home").data().resolve("postmaster.pid")).doesNotExist();
        assertThat(log("first.log")).contains("stopped in").doesNotContain("terminating connection", "ERROR");
    }

    @Test
    void endsAtOnceAndNamesTheSettingWhenAPortIsInUse() throws Exception {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process process = start("first.log", "home", "-Dquarkus.http.port=" + busy.getLocalPort());

            // StopHook waits 75 seconds for an application that still runs
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

            assertThat(process.exitValue()).isNotZero();
            assertThat(log("first.log"))
                    .contains("quarkus.http.port: port " + busy.getLocalPort(), "QUARKUS_HTTP_PORT");
            assertThat(new ServerProcess(home("home")).find()).isEmpty();
        }
    }

    @Test
    void requestUnderWayIsAnsweredBeforeTheProcessEnds() throws Exception {
        Process process = start("first.log", "home");
        awaitLog("first.log", "Listening on");
        Matcher address =
                Pattern.compile("Listening on: http://127.0.0.1:(\\d+)").matcher(log("first.log"));
        assertThat(address.find()).isTrue();
        int port = Integer.parseInt(address.group(1));
        String head = "POST /api/v1/credentials HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: "
                + Files.readString(home("home").file("api-key")).strip() + "\r\nContent-Length: 2\r\n\r\n";
        try (Socket early = new Socket("127.0.0.1", port)) {
            early.setSoTimeout(20_000);
            early.getOutputStream().write((head + "{").getBytes(StandardCharsets.US_ASCII));
            // by now the service has the head of the early one, too
            assertThat(firstLine(port, head + "{}")).contains(" 400 ");
            process.destroy();
            awaitLog("first.log", "Waiting for HTTP requests to complete");

            early.getOutputStream().write('}');

            assertThat(firstLine(early)).contains(" 400 ");
        }
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    }

    private static String firstLine(int port, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return firstLine(socket);
        }
    }

    private static String firstLine(Socket socket) throws IOException {
        return String.valueOf(
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                        .readLine());
    }

    @Test
    void keepsItsDataOverAKill() throws Exception {
        Process first = start("first.log", "home");
        awaitLog("first.log", "Listening on");
        sql("create table kept as select 42 as answer");
        first.destroyForcibly().waitFor();

        Process second = start("second.log", "home");
        awaitLog("second.log", "Listening on");
        assertThat(sql("select answer from kept")).isEqualTo("42");

        second.destroyForcibly().waitFor();
        new ServerProcess(home("home")).find().orElseThrow().destroyForcibly(); // now the server crashes as well
        start("third.log", "home");
        awaitLog("third.log", "Listening on");
        assertThat(sql("select answer from kept")).isEqualTo("42");
    }

    @Test
    void startsNoneWhenADatabaseIsConfigured() throws Exception {
        start("first.log", "home");
        awaitLog("first.log", "Listening on");

        start("second.log", "other", production(url()));
        awaitLog("second.log", "Listening on");

        assertThat(home("other").data()).doesNotExist();
        assertThat(log("second.log")).doesNotContain("LOCAL MODE");
    }

    @Test
    void replicasThatStartAtOnceMigrateTheDatabaseOnce() throws Exception {
        start("first.log", "home");
        awaitLog("first.log", "Listening on");
        sql("create schema empty");
        String[] options = production(url() + "?currentSchema=empty");

        start("second.log", "other", options);
        start("third.log", "other", options);
        awaitLog("second.log", "Listening on");
        awaitLog("third.log", "Listening on");

        assertThat(sql("select count(*) from empty.flyway_schema_history where success"))
                .isEqualTo(sql("select count(*) from public.flyway_schema_history where success"));
    }

    @Test
    void productionIsRefusedWithEverythingThatIsMissing() throws Exception {
        start("first.log", "home");
        awaitLog("first.log", "Listening on");

        Process bare = start(
                "second.log",
                "other",
                "-Dquarkus.datasource.jdbc.url=" + url(),
                "-Dquarkus.datasource.username=nexus",
                "-Dquarkus.datasource.password=" + password());

        assertThat(bare.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(bare.exitValue()).isNotZero();
        assertThat(log("second.log"))
                .contains("does not start with these settings", "nexus.oauth.public-url", "openssl rand");
    }

    @Test
    void everythingThatIsUnsafeIsToldAtOnce() throws Exception {
        start("first.log", "home");
        awaitLog("first.log", "Listening on");
        Path key = Files.writeString(temporary.resolve("open.key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        Path policies = Files.writeString(temporary.resolve("policies.yaml"), "policies: nobody");
        Path authorities = Files.writeString(temporary.resolve("ca.pem"), "no certificate");

        Process unsafe = start(
                "second.log",
                "other",
                "-Dquarkus.datasource.reactive.url=" + url().substring(5),
                "-Dquarkus.datasource.jdbc.url=" + url(),
                "-Dquarkus.datasource.reactive.postgresql.ssl-mode=disable",
                "-Dquarkus.datasource.username=nexus",
                "-Dquarkus.datasource.password=" + password(),
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.management.host=203.0.113.7",
                "-Dquarkus.http.limits.max-body-size=1G",
                "-Dquarkus.http.proxy.proxy-address-forwarding=true",
                "-Dquarkus.http.access-log.enabled=true",
                "-Dnexus.oauth.limits.body-timeout=0s",
                "-Dnexus.oauth.sandbox.enabled=true",
                "-Dnexus.oauth.public-url=http://oauth.example.com",
                "-Dnexus.oauth.connect.return-urls=https://*.example.com/",
                "-Dnexus.oauth.providers.allow-insecure-http=true",
                "-Dnexus.oauth.providers.private-hosts=.com",
                "-Dnexus.oauth.access.policy-file=" + policies,
                "-Dnexus.oauth.access.issuers.company.issuer=http://idp.example",
                "-Dnexus.oauth.access.issuers.company.audience=us",
                "-Dnexus.oauth.access.issuers.company.ca-file=" + authorities,
                "-Dnexus.oauth.refresh.termination-grace=1s",
                "-Dnexus.oauth.encryption.key-files=" + key);

        assertThat(unsafe.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(unsafe.exitValue()).isNotZero();
        assertThat(log("second.log"))
                .contains("does not start with these settings (16)")
                .contains(
                        "\n  quarkus.management.host: ",
                        "\n  quarkus.http.limits.max-body-size: ",
                        "\n  quarkus.http.proxy.proxy-address-forwarding: ",
                        "\n  quarkus.http.access-log.pattern: ",
                        "\n  nexus.oauth.limits.body-timeout: ",
                        "\n  nexus.oauth.sandbox.enabled: ",
                        "\n  nexus.oauth.public-url: ",
                        "\n  nexus.oauth.connect.return-urls: ",
                        "\n  nexus.oauth.providers.allow-insecure-http: ",
                        "\n  nexus.oauth.providers.private-hosts: ",
                        "\n  nexus.oauth.access.policy-file: ",
                        "\n  nexus.oauth.access.issuers.company.ca-file: ",
                        "\n  nexus.oauth.refresh.termination-grace: ",
                        "\n  nexus.oauth.encryption.key-files: every user of this machine can read or write " + key,
                        "\n  nexus.oauth.encryption.key-files: holds a key that is published or not random")
                .doesNotContain(password(), "AAAAAAAA");
    }

    /** A replica of a production installation, on loopback. */
    private String[] production(String url) throws IOException {
        return new String[] {
            "-Dquarkus.datasource.jdbc.url=" + url,
            "-Dquarkus.datasource.username=nexus",
            "-Dquarkus.datasource.password=" + password(),
            "-Dquarkus.http.host=127.0.0.1",
            "-Dquarkus.management.host=127.0.0.1",
            "-Dnexus.oauth.public-url=https://oauth.example.com",
            "-Dnexus.oauth.encryption.key-files=" + home("home").file("encryption.key"),
        };
    }

    private Process start(String log, String home, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dnexus.oauth.home=" + home(home).path(),
                "-Dquarkus.http.port=0",
                "-Dquarkus.management.port=0"));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-jar", System.getProperty("nexus.package")));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("KUBERNETES_"));
        Process process =
                builder.redirectOutput(temporary.resolve(log).toFile()).start();
        started.add(process);
        return process;
    }

    private void awaitLog(String log, String text) {
        Awaitility.await(log)
                .atMost(Duration.ofSeconds(240))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    Process last = started.get(started.size() - 1);
                    assertThat(last.isAlive()).as(() -> read(log)).isTrue();
                    return read(log).contains(text);
                });
    }

    private String log(String name) throws IOException {
        return Files.readString(temporary.resolve(name));
    }

    private String read(String name) {
        try {
            return log(name);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private HomeDirectory home(String name) {
        return new HomeDirectory(temporary.resolve(name));
    }

    private String password() throws IOException {
        return Files.readString(home("home").file("pg/password")).strip();
    }

    private String url() throws IOException {
        List<String> pid = Files.readAllLines(home("home").data().resolve("postmaster.pid"));
        return "jdbc:postgresql://127.0.0.1:" + pid.get(3).strip() + "/nexus";
    }

    private String sql(String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection(url(), "nexus", password());
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            statement.getResultSet().next();
            return statement.getResultSet().getString(1);
        }
    }
}
