package io.nexus.oauth.bench;

import java.io.IOException;
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

/**
 * How fast the packaged service hands out a token that needs no refresh, beside the cheapest endpoint of the same process, in turns
 * within one run. Machines are shared and noisy: the ratio is the figure, not the requests per second.
 *
 * <p>Arguments: the packaged jar, and the seconds of each turn. Starts the service with a home of its own on loopback, and ends it.
 * {@code -Dbench.caller=token} lets a service account's token ask, which a policy grants it, in the place of the first API key.
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
        boolean byToken = System.getProperty("bench.caller", "key").equals("token");
        TokenCaller caller = new TokenCaller(home);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dnexus.oauth.home=" + home.resolve("home"),
                "-Dquarkus.http.port=0",
                "-Dquarkus.management.port=0"));
        if (byToken) {
            command.addAll(caller.settings());
        }
        command.addAll(List.of("-jar", arguments[0]));
        Process service = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            int port = BenchService.awaitPort(service, log);
            System.out.printf(
                    "%nfirst start to ready: %.1f s, of which the database's first start is the most%n",
                    (System.nanoTime() - began) / 1e9);
            String key = byToken
                    ? caller.token()
                    : Files.readString(home.resolve("home/api-key")).strip();
            new WarmReadBenchmark(port, key).run(Integer.parseInt(arguments[1]), service);
        } finally {
            service.destroy();
            service.waitFor(30, TimeUnit.SECONDS);
            service.destroyForcibly();
            Processes.delete(home);
        }
    }

    private void run(int seconds, Process service) throws Exception {
        store();
        System.out.printf("RSS idle: %d MB%n", Processes.rss(service.toHandle()));
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
        System.out.printf("RSS after load: %d MB%n%n", Processes.rss(service.toHandle()));
    }

    private static void print(String name, Turn turn) {
        System.out.printf(
                "%-22s %12.0f %10.2f %10.2f%n", name, turn.perSecond(), turn.millisAt(0.5), turn.millisAt(0.99));
    }

    private void store() throws IOException {
        String body = "{\"provider\":\"sandbox\",\"user\":\"bench\",\"access_token\":\"bench-access\","
                + "\"refresh_token\":\"bench-refresh\",\"expires_in\":86400}";
        try (HttpConnection connection = new HttpConnection(port)) {
            int status = connection.exchange(request("POST", "/api/v1/credentials", body));
            if (status != 201) {
                throw new IllegalStateException("the credential was not stored: " + status);
            }
        }
    }

    private byte[] request(String method, String uri, String body) {
        return HttpConnection.request(method, uri, key, "application/json", body);
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
        try (HttpConnection connection = new HttpConnection(port)) {
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

    private record Turn(double perSecond, long[] nanos) {
        double millisAt(double quantile) {
            return nanos.length == 0 ? 0 : nanos[(int) (quantile * (nanos.length - 1))] / 1e6;
        }
    }
}
