package io.nexus.oauth.canary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.testing.LocalPorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.keys.EllipticCurves;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged service lives a whole life with everything at DEBUG: connect, exchange, hand-out, refresh, failing refreshes of a
 * provider that repeats what it is sent, refused requests, the pages, revocation. Then its secrets are looked for in all that it leaves
 * behind.
 */
class CanaryIT {

    private static final String USER = "alice@example.com";

    @TempDir
    Path temporary;

    private final String marker = "CANARY" + UUID.randomUUID().toString().replace("-", "");
    private final Search search = new Search();
    private final StringBuilder answers = new StringBuilder();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Process service;
    private int port;
    private int management;
    private String key = "";

    @AfterEach
    void end() throws Exception {
        if (service != null) {
            service.destroy();
            service.waitFor(60, TimeUnit.SECONDS);
            service.destroyForcibly();
        }
    }

    @Test
    void noSecretIsWhereItMustNotBe() throws Exception {
        Map<String, byte[]> channels;
        try (EchoProvider provider = new EchoProvider(marker)) {
            start(provider);
            live();
            provider.seen().forEach(search::add);
            assertThat(provider.seen().keySet()).contains("access-1", "refresh-2");
            channels = channels();
        }
        assertThat(channels.values()).allMatch(bytes -> bytes.length > 100);
        assertThat(search.size()).isGreaterThan(20);

        List<String> found = new ArrayList<>();
        channels.forEach((name, bytes) -> found.addAll(search.in(name, bytes)));
        stop();
        Path journal = temporary.resolve("home/journal");
        Path data = temporary.resolve("home/pg/data-18");
        assertThat(Files.exists(data.resolve("pg_wal"))).isTrue();
        search.inFiles(data).forEach(each -> found.add("data directory: " + each));
        search.inFiles(journal).forEach(each -> found.add("journal: " + each));
        found.addAll(search.in("log", Files.readAllBytes(temporary.resolve("log"))));
        assertThat(Files.readString(temporary.resolve("log"))).contains("DEBUG [io.nex", "AUDIT: token_refreshed");
        assertThat(found).isEmpty();

        channels.put("log", Files.readAllBytes(temporary.resolve("log")));
        channels.put("journal", Files.readAllBytes(anyFile(journal)));
        channels.put("data directory", Files.readAllBytes(anyFile(data.resolve("pg_wal"))));
        findsWhatIsPlanted(channels);
    }

    /** A search that finds nothing proves something only if it would have found it there. */
    private void findsWhatIsPlanted(Map<String, byte[]> channels) {
        channels.forEach((name, bytes) -> search.all().forEach((canary, secret) -> {
            for (String form : Search.encodings(secret)) {
                byte[] part = form.getBytes(StandardCharsets.ISO_8859_1);
                int at = bytes.length / 2;
                byte[] planted = new byte[Math.min(at, 50) + part.length];
                System.arraycopy(bytes, at - Math.min(at, 50), planted, 0, Math.min(at, 50));
                System.arraycopy(part, 0, planted, Math.min(at, 50), part.length);
                assertThat(search.in(name, planted)).as(name + " " + canary).isNotEmpty();
            }
        }));
    }

    private void live() throws Exception {
        String secret = canary("client-secret");
        String second = canary("second-client-secret");
        note(call(
                "PUT",
                "/api/v1/clients/echo",
                json("client_id", "us", "client_secret", secret, "second_client_secret", second)));
        String id = connect();
        handOuts(id);
        for (String failure : List.of("fail-500", "fail-grant", "fail-client", "fail-odd")) {
            failingRefresh(failure);
        }
        refusedRequests();
        apiKeys();
        export();
        for (String path :
                List.of("credentials", "clients/echo", "audit", "audit/export", "api-keys", "keys", "providers/echo")) {
            HttpResponse<String> answer = note(call("GET", "/api/v1/" + path, null));
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
        }
        answers.append(new PageTour(http, api(""), search)
                .of(key, canary("wrong-key"), canary("typed-secret"), id, "bob@example.com"));
        note(call("POST", "/api/v1/credentials/" + id + "/revoke", ""));
        note(call("DELETE", "/api/v1/clients/echo", null));
        note(call("GET", "/api/v1/token?provider=echo&user=" + USER, null));
        note(call("GET", "/api/v1/audit", null));
        // the trail of hand-outs is written every ten seconds
        await().atMost(Duration.ofSeconds(60))
                .until(() -> sql("select count(*) from audit_events where operation = 'token_handed_out'") > 0);
    }

    private String connect() throws Exception {
        HttpResponse<String> session = call("POST", "/api/v1/connect-sessions", json("provider", "echo", "user", USER));
        String url = found("\"url\":\"([^\"]+)\"", session.body());
        search.add("link", url.substring(url.lastIndexOf('/') + 1));
        HttpResponse<String> departure = get(url + "/start", "Accept", "text/html");
        assertThat(departure.statusCode()).isEqualTo(303);
        String away = departure.headers().firstValue("Location").orElseThrow();
        String cookie =
                departure.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
        String state = found("[?&]state=([^&]+)", away);
        search.add("cookie", cookie.substring(cookie.indexOf('=') + 1));
        search.add("state", state);
        String base = "http://127.0.0.1:" + port + "/callback/echo?";
        String code = canary("code");
        note(get(base + "state=" + state + "&code=" + code, "Accept", "text/html"));
        note(get(base + "state=" + canary("wrong-state") + "&code=" + code, "Cookie", cookie));
        HttpResponse<String> arrival = note(get(base + "state=" + state + "&code=" + code, "Cookie", cookie));
        assertThat(arrival.headers().firstValue("Location").orElseThrow()).contains("/connect/result/");
        note(get(base + "state=" + state + "&code=" + code, "Cookie", cookie));
        note(get(base + "state=" + state + "&error=access_denied&error_description=" + code, "Cookie", cookie));
        return found(
                "\"credential_id\":\"([^\"]+)\"",
                call("GET", "/api/v1/connect-sessions/" + found("\"id\":\"([^\"]+)\"", session.body()), null)
                        .body());
    }

    private void handOuts(String id) throws Exception {
        assertThat(call("GET", "/api/v1/token?provider=echo&user=" + USER, null).body())
                .contains(marker);
        assertThat(call("POST", "/api/v1/credentials/" + id + "/rejected", "{\"version\":1}")
                        .body())
                .contains(marker);
        note(call("POST", "/api/v1/credentials/" + id + "/refresh", ""));
        note(call("POST", "/api/v1/credentials/" + id + "/test", ""));
        note(call("POST", "/api/v1/audit/lookup", json("token", canary("looked-up"))));
    }

    private void failingRefresh(String failure) throws Exception {
        String user = failure + "@example.com";
        String access = canary(failure + "-access");
        String refresh = canary(failure + "-refresh") + failure;
        HttpResponse<String> stored = note(call(
                "POST",
                "/api/v1/credentials",
                json(
                        "provider",
                        "echo",
                        "user",
                        user,
                        "access_token",
                        access,
                        "refresh_token",
                        refresh,
                        "expires_at",
                        "2020-01-01T00:00:00Z")));
        String id = found("\"id\":\"([^\"]+)\"", stored.body());
        for (String path : List.of("/refresh", "/rejected")) {
            note(call("POST", "/api/v1/credentials/" + id + path, path.equals("/refresh") ? "" : "{\"version\":1}"));
        }
        HttpResponse<String> token = call("GET", "/api/v1/credentials/" + id + "/token?max_wait=1", null);
        assertThat(token.statusCode()).as(failure).isGreaterThanOrEqualTo(400);
        note(token);
    }

    private void refusedRequests() throws Exception {
        String token = canary("misplaced-token");
        note(call(
                "POST",
                "/api/v1/credentials",
                json("provider", "echo", "user", USER, "access_token", token, token, token)));
        note(call("POST", "/api/v1/credentials", "{\"access_token\":[\"" + token + "\"]}"));
        note(call("POST", "/api/v1/credentials", "{\"access_token\":\"" + token));
        note(call(
                "POST", "/api/v1/credentials", json("provider", "echo", "user", USER, "access_token", token + "\\n")));
        note(call("PUT", "/api/v1/clients/nobody", json("client_id", "us", "client_secret", token)));
        String jwt = Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8))
                + "."
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(("{\"iss\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8))
                + "." + canary("signature");
        for (String credential : List.of("Bearer " + token, "Basic " + token, "Bearer " + jwt, "Bearer nxo_" + token)) {
            note(get(api("/api/v1/credentials"), "Authorization", credential));
        }
        note(get(api("/api/v1/credentials"), "X-API-Key", token));
        note(get(api("/connect/" + token), "Accept", "text/html"));
    }

    private void apiKeys() throws Exception {
        HttpResponse<String> made = call(
                "POST", "/api/v1/api-keys", "{\"name\":\"n\",\"tenant\":\"default\",\"roles\":[\"tenant-admin\"]}");
        String other = found("\"key\":\"([^\"]+)\"", made.body());
        search.add("api-key", other.split("_", 3)[2].substring(0, 43));
        note(get(api("/api/v1/credentials"), "X-API-Key", other));
        note(get(api("/api/v1/token?provider=echo&user=" + USER), "Authorization", "Bearer " + other));
        note(call("DELETE", "/api/v1/api-keys/" + found("\"id\":\"([^\"]+)\"", made.body()), null));
        note(get(api("/api/v1/credentials"), "X-API-Key", other));
    }

    /** The grants leave, but nobody sees them on the way. */
    private void export() throws Exception {
        HttpResponse<String> made =
                call("POST", "/api/v1/api-keys", "{\"name\":\"n\",\"tenant\":\"default\",\"roles\":[\"exporter\"]}");
        String other = found("\"key\":\"([^\"]+)\"", made.body());
        search.add("exporter's key", other.split("_", 3)[2].substring(0, 43));
        String jwk = EcJwkGenerator.generateJwk(EllipticCurves.P256).toJson();
        HttpResponse<String> exported = note(http.send(
                HttpRequest.newBuilder(URI.create(api("/api/v1/credentials/export")))
                        .header("X-API-Key", other)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"public_key\":" + jwk + "}"))
                        .build(),
                BodyHandlers.ofString()));
        assertThat(exported.statusCode()).isEqualTo(200);
        assertThat(exported.body()).contains("\"grant\":\"ey", USER);
    }

    private Map<String, byte[]> channels() throws Exception {
        Map<String, byte[]> channels = new LinkedHashMap<>();
        channels.put("answers", bytes(answers.toString()));
        channels.put("tables", bytes(tables()));
        for (String path : List.of("metrics", "health")) {
            channels.put(
                    path,
                    bytes(get("http://127.0.0.1:" + management + "/q/" + path, "Accept", "*/*")
                            .body()));
        }
        channels.put(
                "openapi",
                bytes(get("http://127.0.0.1:" + management + "/openapi", "Accept", "*/*")
                        .body()));
        channels.put("threads", jcmd("Thread.print"));
        channels.put("system properties", jcmd("VM.system_properties"));
        channels.put("command line", Files.readAllBytes(Path.of("/proc", String.valueOf(service.pid()), "cmdline")));
        return channels;
    }

    private byte[] jcmd(String command) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(service.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        byte[] text = jcmd.getInputStream().readAllBytes();
        assertThat(jcmd.waitFor()).isZero();
        return text;
    }

    /** Every row of every table as text, as a dump would hold it. */
    private String tables() throws Exception {
        StringBuilder dump = new StringBuilder();
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery("select tablename from pg_tables where schemaname = 'public'")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                dump.append(name).append('\n');
                try (ResultSet rows = statement.executeQuery("select t::text from \"" + name + "\" t")) {
                    while (rows.next()) {
                        dump.append(rows.getString(1)).append('\n');
                    }
                }
            }
        }
        assertThat(dump).contains("oauth_credentials", USER);
        return dump.toString();
    }

    private long sql(String query) throws Exception {
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private Connection connection() throws Exception {
        String at = Files.readAllLines(temporary.resolve("home/pg/data-18/postmaster.pid"))
                .get(3)
                .strip();
        String password =
                Files.readString(temporary.resolve("home/pg/password")).strip();
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + at + "/nexus", "nexus", password);
    }

    private void start(EchoProvider provider) throws Exception {
        port = LocalPorts.free();
        management = LocalPorts.free();
        Path catalogue = Files.writeString(temporary.resolve("catalogue.yaml"), """
                providers:
                  echo:
                    name: Echo
                    authorize: {url: "%1$s/authorize", pkce: supported}
                    token: {url: "%1$s/token", auth: basic}
                    refresh: {rotation: always, grace_s: 0}
                    revoke: {style: rfc7009, url: "%1$s/revoke", auth: basic}
                """.formatted(provider.url()));
        Path home = temporary.resolve("home");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dnexus.oauth.home=" + home,
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.port=" + management,
                        "-Dquarkus.log.level=DEBUG",
                        "-Dquarkus.log.category.\"io.nexus.oauth\".level=TRACE",
                        "-Dnexus.oauth.providers.files=" + catalogue,
                        "-Dnexus.oauth.refresh.min-interval=0s",
                        "-Dnexus.oauth.refresh.confirm-after=1s",
                        "-jar",
                        System.getProperty("nexus.package"))
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve("log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("KUBERNETES_"));
        service = builder.start();
        await().atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    assertThat(service.isAlive()).isTrue();
                    return Files.readString(temporary.resolve("log")).contains("Listening on");
                });
        key = Files.readString(home.resolve("api-key")).strip();
        search.add("bootstrap key", key);
        String master = Files.readString(home.resolve("encryption.key")).strip();
        search.add("master key as text", master.substring(0, 43));
        search.add("master key", Base64.getUrlDecoder().decode(master));
        search.add(
                "database password",
                Files.readString(home.resolve("pg/password")).strip());
    }

    private void stop() throws Exception {
        service.destroy();
        assertThat(service.waitFor(90, TimeUnit.SECONDS)).isTrue();
    }

    private static Path anyFile(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toFile().length() > 0)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A secret of this run, to be looked for. */
    private String canary(String name) {
        String secret = marker + name + "zzzzzzzz";
        search.add(name, secret);
        return secret;
    }

    private HttpResponse<String> note(HttpResponse<String> answer) {
        answers.append(answer.statusCode())
                .append(' ')
                .append(answer.headers().map())
                .append('\n')
                .append(answer.body())
                .append('\n');
        return answer;
    }

    private String api(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    private HttpResponse<String> call(String method, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(api(path)))
                        .header("X-API-Key", key)
                        .header("Content-Type", "application/json")
                        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String url, String header, String value) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url)).header(header, value).build(), BodyHandlers.ofString());
    }

    private static String json(String... pairs) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            fields.add("\"" + pairs[i] + "\":\"" + pairs[i + 1] + "\"");
        }
        return "{" + String.join(",", fields) + "}";
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher.group(1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
