package io.nexus.oauth.rig;

import io.nexus.oauth.testing.Signals;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The provider's process, and how the rig talks to it. */
final class ProviderProcess implements AutoCloseable {

    /** The first tokens of a grant. */
    record Tokens(String access, String refresh) {
        String grant() {
            return access.split("~")[3];
        }
    }

    private final Path directory;
    private final Process process;
    private final int port;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ProviderProcess(Path directory, long seed, String marker) throws IOException, InterruptedException {
        this.directory = Files.createDirectories(directory);
        this.process = Signals.start(new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classes().toString(),
                        RigProvider.class.getName(),
                        directory.toString(),
                        Long.toString(seed),
                        marker))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("provider.out").toFile()));
        Path file = directory.resolve("provider.port");
        Signals.await("the provider starts", Duration.ofSeconds(30), () -> Files.exists(file));
        this.port = Integer.parseInt(Files.readString(file));
    }

    /** Where the compiled classes of the tests are. */
    static Path classes() {
        try {
            return Path.of(RigProvider.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    int port() {
        return port;
    }

    Path log() {
        return directory.resolve("provider.log");
    }

    Tokens grant(String provider, String tenant, String user, int life) throws IOException, InterruptedException {
        String[] tokens = ask("grant", "p", provider, "tenant", tenant, "user", user, "life", life)
                .split("\n");
        return new Tokens(tokens[0], tokens[1]);
    }

    /** {@code dice}, {@code scale} of delays, {@code latency} in ms, {@code least} and {@code most} of a token's life in s. */
    void set(Object... words) throws IOException, InterruptedException {
        ask("set", words);
    }

    /** For {@code ms} every request meets this: {@code invalid_client}, {@code unavailable}, {@code reset}. */
    void window(String kind, long ms) throws IOException, InterruptedException {
        window(kind, ms, "");
    }

    /** The same for the requests of one provider only. */
    void window(String kind, long ms, String provider) throws IOException, InterruptedException {
        ask("window", "kind", kind, "ms", ms, "p", provider);
    }

    /** From now on the answers about {@code key}, a grant or the user of a code, are kept back when their tokens are issued. */
    void hold(String key) throws IOException, InterruptedException {
        ask("hold", "key", key);
    }

    /** Waits until an answer about {@code key} is kept back; false when none was after {@code ms}. */
    boolean awaitHeld(String key, long ms) throws IOException, InterruptedException {
        return Boolean.parseBoolean(ask("held", "key", key, "ms", ms));
    }

    /** Lets the answers about {@code key} go. */
    void release(String key) throws IOException, InterruptedException {
        ask("release", "key", key);
    }

    /** From now on only this secret works for the grants of {@code tenant} at {@code provider}. */
    void secret(String provider, String tenant, int number) throws IOException, InterruptedException {
        ask("secret", "p", provider, "tenant", tenant, "number", number);
    }

    private String ask(String what, Object... words) throws IOException, InterruptedException {
        StringBuilder url = new StringBuilder("http://127.0.0.1:" + port + "/admin/" + what + "?");
        for (int i = 0; i < words.length; i += 2) {
            url.append(i == 0 ? "" : "&").append(words[i]).append('=');
            url.append(URLEncoder.encode(words[i + 1].toString(), StandardCharsets.UTF_8));
        }
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(url.toString()))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("the provider said " + answer.statusCode());
        }
        return answer.body();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
