package io.nexus.oauth.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * How long the command line takes from its start to its end: beside a bare Java, and with and without its archive of classes. The
 * service is a page out of memory, so that only the command line is measured.
 */
final class CliBenchmark {

    private static final int RUNS = 15;

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
            System.out.printf("%-36s %8s %8s%n", "start to end, ms", "least", "median");
            print("java -version", List.of(java, "-Xshare:auto", "-version"), home, "cache");
            print("nexus --version", List.of(launcher.toString(), "--version"), home, "cache");
            print("nexus oauth list", list, home, "cache");
            print("nexus oauth list, no archive", list, home, "file/none");
        } finally {
            service.stop(0);
        }
    }

    private static void print(String name, List<String> command, Path home, String cache) throws Exception {
        Files.writeString(home.resolve("file"), ""); // no folder can be made in it
        once(command, home, cache); // writes the archive
        long[] times = new long[RUNS];
        for (int i = 0; i < RUNS; i++) {
            times[i] = once(command, home, cache);
        }
        Arrays.sort(times);
        System.out.printf("%-36s %8d %8d%n", name, times[0], times[RUNS / 2]);
    }

    private static long once(List<String> command, Path home, String cache) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
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
