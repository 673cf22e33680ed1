package io.nexus.oauth.rig;

import io.nexus.oauth.testing.LocalPorts;
import io.nexus.oauth.testing.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An HAProxy in front of replicas. It asks the management port of each whether it is ready, as a platform's probes do, and sends a
 * request to one that is; one that a server has seen is never sent again.
 */
final class Balancer implements AutoCloseable {

    /** A replica: its port and that of its management. */
    record Server(String name, int port, int management) {}

    private final int port = LocalPorts.free();
    private final int statistics = LocalPorts.free();
    private final Process process;

    Balancer(Path program, Path directory, List<Server> servers) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>(List.of(
                "global",
                "  maxconn 200",
                "defaults",
                "  mode http",
                "  timeout connect 2s",
                "  timeout client 75s",
                "  timeout server 75s",
                "  timeout check 2s",
                "  retries 2",
                "  option redispatch",
                "frontend statistics",
                "  bind 127.0.0.1:" + statistics,
                "  stats enable",
                "  stats uri /",
                "frontend callers",
                "  bind 127.0.0.1:" + port,
                "  default_backend replicas",
                "backend replicas",
                "  balance roundrobin",
                "  option httpchk",
                "  http-check send meth GET uri /q/health/ready ver HTTP/1.1 hdr Host localhost",
                "  http-check expect status 200",
                "  default-server check inter 300ms fall 2 rise 1"));
        for (Server each : servers) {
            lines.add("  server " + each.name() + " 127.0.0.1:" + each.port() + " check port " + each.management());
        }
        Path file = Files.write(directory.resolve("haproxy.cfg"), lines);
        process = Signals.start(new ProcessBuilder(program.toString(), "-db", "-f", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("haproxy.log").toFile()));
    }

    int port() {
        return port;
    }

    /** Waits until so many replicas get requests. */
    void awaitReady(int servers, Duration patience) throws InterruptedException {
        Signals.await(servers + " replicas get requests", patience, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("HAProxy ended");
            }
            try {
                return column("status").stream().filter("UP"::equals).count() == servers;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** How many requests had to be tried again because a replica took no connection. */
    long retries() throws IOException {
        long sum = 0;
        for (String column : List.of("wretr", "wredis", "econ")) {
            for (String value : column(column)) {
                sum += Long.parseLong(value);
            }
        }
        return sum;
    }

    /** The values of a column of the statistics, one for each replica. */
    private List<String> column(String name) throws IOException {
        try (Http http = new Http()) {
            List<String> lines =
                    http.get(statistics, "/;csv", "").body().lines().toList();
            int at = Arrays.asList(lines.getFirst().substring(2).split(",")).indexOf(name);
            return lines.stream()
                    .map(line -> line.split(",", -1))
                    .filter(line -> line[0].equals("replicas") && !line[1].equals("BACKEND"))
                    .map(line -> line[at])
                    .toList();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
