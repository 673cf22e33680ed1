package io.nexus.oauth.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long the command line takes from its start to its end, and how much processor time: beside kubectl and a bare Java, and with
 * and without its cache of classes. The
 * service is a page out of memory, so that only the command line is measured.
 */
final class CliBenchmark {

    private static final int RUNS = 15;
    private static final Pattern PART = Pattern.compile("(\\d+)m([\\d.]+)s");

    private static final String PAGE = """
            {"items": [{"id": "00000000-0000-0000-0000-000000000000", "tenant": "t", "provider": "google", "user": "a@example.com",
              "status": "active", "expires_at": "2030-01-01T00:00:00Z", "scopes": [], "metadata": {}, "refresh": {},
              "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}], "next": null}""";

    private CliBenchmark() {}

    /** Measures {@code launcher}. */
    static void run(Path launcher) throws Exception {
        Path home = Files.createTempDirectory("cli-bench");
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            byte[] page = PAGE.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        service.start();
        try {
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            String url = "http://127.0.0.1:" + service.getAddress().getPort();
            List<String> list = List.of(launcher.toString(), "oauth", "list", "--server", url);
            System.out.printf(
                    "%-36s %8s %8s %10s %10s%n",
                    "start to end and processor, ms", "least", "median", "proc least", "median");
            print("kubectl version --client", List.of("kubectl", "version", "--client"), home, "cache");
            print("java -version", List.of(java, "-Xshare:auto", "-version"), home, "cache");
            print("nexus --version", List.of(launcher.toString(), "--version"), home, "cache");
            print("nexus oauth list", list, home, "cache");
            print("nexus oauth list, no cache", list, home, "file/none");
        } finally {
            service.stop(0);
        }
    }

    private static void print(String name, List<String> command, Path home, String cache) throws Exception {
        Files.writeString(home.resolve("file"), ""); // no folder can be made in it
        try {
            once(command, home, cache); // begins to write the cache
        } catch (IllegalStateException e) {
            System.out.printf("%-36s %s%n", name, "is not here");
            return;
        }
        awaitCache(home.resolve(cache));
        long[] times = new long[RUNS];
        long[] processor = new long[RUNS];
        for (int i = 0; i < RUNS; i++) {
            times[i] = once(command, home, cache);
            processor[i] = processorTime(home);
        }
        Arrays.sort(times);
        Arrays.sort(processor);
        System.out.printf(
                "%-36s %8d %8d %10d %10d%n", name, times[0], times[RUNS / 2], processor[0], processor[RUNS / 2]);
    }

    /** The training of the cache runs in the background and holds a lock. */
    private static void awaitCache(Path cache) throws IOException, InterruptedException {
        Path folder = cache.resolve("nexus");
        for (int i = 0; i < 600 && Files.isDirectory(folder); i++) {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.noneMatch(file -> file.toString().endsWith(".lock"))) {
                    return;
                }
            }
            Thread.sleep(100);
        }
    }

    /** What {@code times} of the shell has printed about its children: user and system time. */
    private static long processorTime(Path home) throws IOException {
        String line = Files.readAllLines(home.resolve("times")).getLast();
        return (long) Stream.of(line.split(" "))
                .map(PART::matcher)
                .filter(Matcher::matches)
                .mapToDouble(part -> Long.parseLong(part.group(1)) * 60_000 + Double.parseDouble(part.group(2)) * 1_000)
                .sum();
    }

    private static long once(List<String> command, Path home, String cache) throws IOException, InterruptedException {
        List<String> timed = new ArrayList<>(List.of("sh", "-c", "\"$@\" && times >\"$HOME/times\"", "sh"));
        timed.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(timed)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("out").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("HOME", home.toString());
        builder.environment().put("XDG_CACHE_HOME", home.resolve(cache).toString());
        builder.environment().put("NEXUS_API_KEY", "nxo_bench");
        long start = System.nanoTime();
        Process process = builder.start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(home.resolve("out")));
        }
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }
}
