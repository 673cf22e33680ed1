package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged service with 256 MB. One tenant registers ever new issuers and opens links, while another reads, refreshes and
 * connects. Prints the ratio of the other tenant's times; on a busy machine the processor decides them. Refreshes go to a provider of
 * this test that keeps nothing: the sandbox writes all its grants to the disk for each of them, of which there are ever more.
 */
class HostileTenantIT {

    private static final int ISSUERS = 2_000;
    private static final int ROUNDS = 60;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Browserless calm = new Browserless();

    @TempDir
    Path directory;

    private HttpServer issuers;
    private HttpServer provider;
    private Process service;
    private String base;
    private String admin;

    @BeforeEach
    void start() throws Exception {
        issuers = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        issuers.setExecutor(Executors.newFixedThreadPool(2));
        issuers.createContext("/", HostileTenantIT::metadata);
        issuers.start();
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        provider.createContext("/token", HostileTenantIT::tokens);
        provider.start();
        Path catalogue = Files.writeString(directory.resolve("catalogue.yaml"), """
                providers:
                  quiet:
                    name: The quiet one
                    authorize: {url: "http://127.0.0.1:%1$d/authorize"}
                    token: {url: "http://127.0.0.1:%1$d/token", auth: post}
                    refresh: {rotation: always, grace_s: 0}
                    revoke: {style: none}
                """.formatted(
                        provider.getAddress().getPort()));
        int port = freePort();
        base = "http://localhost:" + port;
        Path log = directory.resolve("service.log");
        service = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Dnexus.oauth.home=" + directory.resolve("home"),
                        "-Dnexus.oauth.providers.files=" + catalogue,
                        "-Dnexus.oauth.clients.quiet.provider=quiet",
                        "-Dnexus.oauth.clients.quiet.client-id=hostile-tenant-it",
                        "-Dnexus.oauth.clients.quiet.client-secret=secret",
                        "-Dnexus.oauth.refresh.min-interval=0s",
                        "-Dnexus.oauth.limits.connect-requests=1000000",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.port=" + freePort(),
                        "-jar",
                        System.getProperty("nexus.package"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> {
            assertThat(service.isAlive()).as(Files.readString(log)).isTrue();
            return Files.readString(log).contains("Listening on");
        });
        admin = Files.readString(directory.resolve("home").resolve("api-key")).strip();
    }

    @AfterEach
    void stop() throws Exception {
        issuers.stop(0);
        provider.stop(0);
        service.destroy();
        assertThat(service.waitFor(2, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void anotherTenantGoesOn() throws Exception {
        String credential = imported();
        for (int i = 0; i < 3; i++) {
            round(credential); // until the compiler is done
        }
        long[] before = round(credential);
        AtomicInteger done = new AtomicInteger();
        FutureTask<Void> hostile = new FutureTask<>(() -> attack(done), null);
        Thread.ofPlatform().name("hostile").start(hostile);

        long[] beside = round(credential);
        for (long[] next = round(credential); !hostile.isDone(); next = round(credential)) {
            beside = next; // the last round that was all beside the other tenant
        }
        hostile.get();

        long[] after = round(credential);
        assertThat(done.get()).isEqualTo(ISSUERS);
        assertThat(service.isAlive()).isTrue();
        System.out.printf(
                "beside a hostile tenant, times as long: reads %.2f, refreshes %.2f, connects %.2f%n",
                ratio(beside[0], before[0], after[0]),
                ratio(beside[1], before[1], after[1]),
                ratio(beside[2], before[2], after[2]));
    }

    /** The framework's own check of addresses is off in the packaged service, too. */
    @Test
    void aCallbackMayHaveARawPipe() throws Exception {
        String callback = calm.walk("piped");
        try (Socket socket = new Socket("localhost", URI.create(base).getPort())) {
            URI uri = URI.create(callback);
            socket.getOutputStream()
                    .write(("GET " + uri.getRawPath() + "?" + uri.getRawQuery()
                                    + "&a=b|c HTTP/1.1\r\nHost: localhost\r\nCookie: " + calm.cookie()
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 303");
        }
    }

    /** A credential of the quiet provider. */
    private String imported() throws IOException, InterruptedException {
        HttpResponse<String> created = call(
                admin,
                "POST",
                "/api/v1/credentials",
                "{\"provider\":\"quiet\",\"user\":\"first\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":3600}");
        expect(201, created);
        return found("\"id\":\"([^\"]+)\"", created.body());
    }

    private static void tokens(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] answer =
                "{\"access_token\":\"a-%1$d\",\"refresh_token\":\"r-%1$d\",\"token_type\":\"Bearer\",\"expires_in\":3600}"
                        .formatted(System.nanoTime())
                        .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    /** Medians of reads, refreshes and connects, in nanoseconds. */
    private long[] round(String credential) throws Exception {
        long[][] took = new long[3][ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            String user = "user-" + System.nanoTime();
            took[0][i] =
                    timed(() -> expect(200, call(admin, "GET", "/api/v1/credentials/" + credential + "/token", "")));
            took[1][i] =
                    timed(() -> expect(200, call(admin, "POST", "/api/v1/credentials/" + credential + "/refresh", "")));
            took[2][i] = timed(() -> calm.connect(user));
        }
        return Arrays.stream(took)
                .mapToLong(each -> Arrays.stream(each).sorted().toArray()[ROUNDS / 2])
                .toArray();
    }

    private void attack(AtomicInteger done) {
        try {
            String key = found(
                    "\"key\":\"([^\"]+)\"",
                    call(
                                    admin,
                                    "POST",
                                    "/api/v1/api-keys",
                                    "{\"name\":\"h\",\"tenant\":\"hostile\",\"roles\":[\"tenant-admin\",\"connector\"]}")
                            .body());
            String at = "http://127.0.0.1:" + issuers.getAddress().getPort() + "/";
            for (int i = 0; i < ISSUERS; i++) {
                expect(
                        200,
                        call(
                                key,
                                "PUT",
                                "/api/v1/clients/oidc",
                                "{\"client_id\":\"c-" + i + "\",\"vars\":{\"issuer_url\":\"" + at + i + "\"}}"));
                String link = found(
                        "\"url\":\"([^\"]+)\"",
                        call(
                                        key,
                                        "POST",
                                        "/api/v1/connect-sessions",
                                        "{\"provider\":\"oidc\",\"user\":\"u" + i % 100 + "\"}")
                                .body());
                HttpResponse<String> departure = get(http, link + "/start");
                assertThat(departure.headers().firstValue("Location").orElse(""))
                        .as("%d: %s", i, departure.body())
                        .startsWith(at + i + "/a?");
                done.incrementAndGet();
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("after " + done, e);
        }
    }

    private HttpResponse<String> call(String key, String method, String path, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .header("X-API-Key", key)
                        .header("Content-Type", "application/json")
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(HttpClient browser, String url) throws IOException, InterruptedException {
        return browser.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }

    private static void expect(int status, HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    }

    private static long timed(Step step) throws Exception {
        long start = System.nanoTime();
        step.run();
        return System.nanoTime() - start;
    }

    private static double ratio(long beside, long before, long after) {
        return 2.0 * beside / (before + after);
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A document of 200 KB, most of it in a list that the service reads. */
    private static void metadata(HttpExchange exchange) throws IOException {
        String issuer = "http://" + exchange.getRequestHeaders().getFirst("Host")
                + exchange.getRequestURI().getPath().replaceFirst("/\\.well-known.*", "");
        byte[] document = ("{\"issuer\":\"%1$s\",\"authorization_endpoint\":\"%1$s/a\",\"token_endpoint\":\"%1$s/t\","
                        + "\"token_endpoint_auth_methods_supported\":[\"%2$s\"]}")
                .formatted(issuer, String.join("\",\"", Collections.nCopies(10, issuer + "m".repeat(20_000))))
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, document.length);
        exchange.getResponseBody().write(document);
        exchange.close();
    }

    private interface Step {
        void run() throws Exception;
    }

    /** A person who connects an account of the sandbox. */
    private final class Browserless {

        private final CookieManager cookies = new CookieManager();
        private final HttpClient browser =
                HttpClient.newBuilder().cookieHandler(cookies).build();

        String connect(String user) throws Exception {
            String session = call(
                            admin,
                            "POST",
                            "/api/v1/connect-sessions",
                            "{\"provider\":\"sandbox\",\"user\":\"" + user + "\"}")
                    .body();
            expect(303, get(browser, answer(found("\"url\":\"([^\"]+)\"", session), user)));
            String id = found("\"id\":\"([^\"]+)\"", session);
            return found(
                    "\"credential_id\":\"([^\"]+)\"",
                    call(admin, "GET", "/api/v1/connect-sessions/" + id, "").body());
        }

        String cookie() {
            return cookies.getCookieStore().getCookies().stream()
                    .map(each -> each.getName() + "=" + each.getValue())
                    .collect(Collectors.joining("; "));
        }

        String walk(String user) throws Exception {
            String session = call(
                            admin,
                            "POST",
                            "/api/v1/connect-sessions",
                            "{\"provider\":\"sandbox\",\"user\":\"" + user + "\"}")
                    .body();
            return answer(found("\"url\":\"([^\"]+)\"", session), user);
        }

        private String answer(String link, String user) throws Exception {
            HttpResponse<String> departure = get(browser, link + "/start");
            URI sandbox = URI.create(departure.headers().firstValue("Location").orElseThrow());
            String consent = get(browser, sandbox.toString()).body();
            String form = "decision=allow&account=" + user + "%40example.com&request="
                    + found("name=\"request\" value=\"([\\w-]+)\"", consent);
            HttpResponse<String> answer = browser.send(
                    HttpRequest.newBuilder(sandbox.resolve("/sandbox/authorize"))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(BodyPublishers.ofString(form))
                            .build(),
                    BodyHandlers.ofString());
            expect(303, answer);
            return answer.headers().firstValue("Location").orElseThrow();
        }
    }
}
