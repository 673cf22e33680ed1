package io.nexus.oauth.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How fast the packaged service hands out a token that needs no refresh, beside the cheapest endpoint of the same process, in turns
 * within one run. Machines are shared and noisy: the ratio is the figure, not the requests per second.
 *
 * <p>Arguments: the packaged jar, and the seconds of each turn. Starts the service with a home of its own on loopback, and ends it.
 */
public final class WarmReadBenchmark {

    private static final int CONNECTIONS = 32;
    private static final int WARM_UPS = 2;
    private static final int TURNS = 3;
    private static final String TOKEN = "/api/v1/token?provider=sandbox&user=bench";
    private static final String PING = "/sandbox/ping";

    private final int port;
    private final String key;

    private WarmReadBenchmark(int port, String key) {
        this.port = port;
        this.key = key;
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        Path home = Files.createTempDirectory("nexus-bench");
        Path log = home.resolve("service.log");
        long began = System.nanoTime();
        Process service = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dnexus.oauth.home=" + home.resolve("home"),
                        "-Dquarkus.http.port=0",
                        "-Dquarkus.management.port=0",
                        "-jar",
                        arguments[0])
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            int port = awaitPort(service, log);
            System.out.printf(
                    "%nfirst start to ready: %.1f s, of which the database's first start is the most%n",
                    (System.nanoTime() - began) / 1e9);
            String key = Files.readString(home.resolve("home/api-key")).strip();
            new WarmReadBenchmark(port, key).run(Integer.parseInt(arguments[1]), service);
        } finally {
            service.destroy();
            service.waitFor(30, TimeUnit.SECONDS);
            service.destroyForcibly();
            delete(home);
        }
    }

    private void run(int seconds, Process service) throws Exception {
        store();
        System.out.printf("RSS idle: %d MB%n", rss(service));
        for (int i = 0; i < WARM_UPS; i++) {
            turn(PING, seconds);
            turn(TOKEN, seconds);
        }
        List<Double> ratios = new ArrayList<>();
        System.out.printf("%n%-22s %12s %10s %10s%n", CONNECTIONS + " connections", "requests/s", "p50 ms", "p99 ms");
        for (int i = 0; i < TURNS; i++) {
            Turn ping = turn(PING, seconds);
            Turn token = turn(TOKEN, seconds);
            print("bare JSON endpoint", ping);
            print("warm token", token);
            ratios.add(token.perSecond() / ping.perSecond());
        }
        ratios.sort(Comparator.naturalOrder());
        System.out.printf("%nwarm token / bare JSON endpoint: %.2f (median of %d)%n", ratios.get(TURNS / 2), TURNS);
        System.out.printf("RSS after load: %d MB%n%n", rss(service));
    }

    private static void print(String name, Turn turn) {
        System.out.printf(
                "%-22s %12.0f %10.2f %10.2f%n", name, turn.perSecond(), turn.millisAt(0.5), turn.millisAt(0.99));
    }

    private void store() throws IOException {
        String body = "{\"provider\":\"sandbox\",\"user\":\"bench\",\"access_token\":\"bench-access\","
                + "\"refresh_token\":\"bench-refresh\",\"expires_in\":86400}";
        try (Connection connection = new Connection(port)) {
            int status = connection.exchange(request("POST", "/api/v1/credentials", body));
            if (status != 201) {
                throw new IllegalStateException("the credential was not stored: " + status);
            }
        }
    }

    private byte[] request(String method, String uri, String body) {
        return (method + " " + uri + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer " + key
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Keeps every connection busy for some seconds: one request after the other on each, so that the service sets the pace. */
    private Turn turn(String uri, int seconds) throws Exception {
        byte[] request = request("GET", uri, "");
        long began = System.nanoTime();
        long end = began + TimeUnit.SECONDS.toNanos(seconds);
        List<long[]> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<long[]>> connections = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                connections.add(threads.submit(() -> exchangeUntil(end, request)));
            }
            for (Future<long[]> connection : connections) {
                all.add(connection.get(seconds + 30L, TimeUnit.SECONDS));
            }
        }
        double lasted = (System.nanoTime() - began) / 1e9;
        long[] took = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return new Turn(took.length / lasted, took);
    }

    private long[] exchangeUntil(long end, byte[] request) throws IOException {
        long[] took = new long[1024];
        int count = 0;
        try (Connection connection = new Connection(port)) {
            for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
                int status = connection.exchange(request);
                if (status != 200) {
                    throw new IllegalStateException("an answer was " + status);
                }
                took = count == took.length ? Arrays.copyOf(took, 2 * count) : took;
                took[count++] = System.nanoTime() - began;
            }
        }
        return Arrays.copyOf(took, count);
    }

    /** The least client: it must not be what is measured. */
    private static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;

        Connection(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
        }

        int exchange(byte[] request) throws IOException {
            socket.getOutputStream().write(request);
            int status = Integer.parseInt(line().split(" ")[1]);
            int length = 0;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(header.substring(15).strip());
                }
            }
            in.skipNBytes(length);
            return status;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder(64);
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new IOException("the service closed the connection");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static int awaitPort(Process service, Path log) throws Exception {
        for (int i = 0; i < 600 && service.isAlive(); i++) {
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

    private static long rss(Process service) throws IOException {
        Path status = Path.of("/proc", Long.toString(service.pid()), "status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                                .filter(line -> line.startsWith("VmRSS"))
                                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                                .sum()
                        / 1024
                : -1;
    }

    private static void delete(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private record Turn(double perSecond, long[] nanos) {
        double millisAt(double quantile) {
            return nanos.length == 0 ? 0 : nanos[(int) (quantile * (nanos.length - 1))] / 1e6;
        }
    }
}
