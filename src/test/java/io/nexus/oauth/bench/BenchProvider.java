package io.nexus.oauth.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The {@link RotatingProvider} as a process. */
final class BenchProvider implements AutoCloseable {

    private final Process process;
    private final int port;

    BenchProvider() throws Exception {
        Path classes = Path.of(RotatingProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        process = Processes.java(List.of(
                        "-Xmx256m", "-XX:+UseSerialGC", "-cp", classes.toString(), RotatingProvider.class.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        port = Integer.parseInt(
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))
                        .readLine());
    }

    int port() {
        return port;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    /** Ends a turn and begins the next, in which answers come {@code delay} milliseconds later. */
    Told turn(int delay) throws IOException {
        try (HttpConnection connection = new HttpConnection(port)) {
            connection.exchange(HttpConnection.request("GET", "/turn?delay=" + delay, "", "text/plain", ""));
            String[] words = connection.body().split(" ", 5);
            Told told = new Told(
                    Integer.parseInt(words[0]),
                    Integer.parseInt(words[2]),
                    Long.parseLong(words[3]),
                    Stream.of(words[4].split(","))
                            .filter(index -> !index.isEmpty())
                            .map(Integer::valueOf)
                            .toList());
            if (!words[1].equals("0")) {
                throw new IllegalStateException(words[1] + " refresh tokens were used twice");
            }
            return told;
        }
    }

    /** Spends the first refresh token of a grant, as the service does: on a connection of its own. */
    void refresh(String lot, int index) throws IOException {
        String form = "grant_type=refresh_token&refresh_token=" + RotatingProvider.refreshToken(lot, index, 1)
                + "&client_id=" + BenchService.CLIENT + "&client_secret=secret";
        try (HttpConnection connection = new HttpConnection(port)) {
            int status = connection.exchange(
                    HttpConnection.request("POST", "/token", "", "application/x-www-form-urlencoded", form));
            if (status != 200) {
                throw new IllegalStateException("the provider said " + status);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /**
     * What the provider saw in a turn.
     *
     * @param most in flight at once
     * @param firstMillis when the first request came, of the epoch
     * @param order the indices of the grants in the order of their requests
     */
    record Told(int count, int most, long firstMillis, List<Integer> order) {}
}
