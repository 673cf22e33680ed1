package io.nexus.oauth.docs;

import io.nexus.oauth.testing.LocalPorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The packaged service in local mode, as {@code java -jar target/quarkus-app/quarkus-run.jar} starts it for a newcomer. */
final class LocalService implements AutoCloseable {

    private final Path home;
    private final Path log;
    private final Process process;
    private final int port;

    /** Starts it for the user with the home {@code home}, on free ports, with {@code options} of the JVM, and waits until it serves. */
    LocalService(Path home, String... options) throws IOException {
        this.home = home.resolve(".nexus-oauth");
        this.log = home.resolve("service.log");
        this.port = LocalPorts.free();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dnexus.oauth.home=" + this.home,
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.port=" + LocalPorts.free()));
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", System.getProperty("nexus.package")));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment()
                .keySet()
                .removeIf(name ->
                        name.startsWith("QUARKUS_") || name.startsWith("NEXUS_") || name.startsWith("KUBERNETES_"));
        process = builder.start();
        Awaitility.await("the service serves").atMost(Duration.ofMinutes(4)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the service ended: " + log());
            }
            return log().contains("Listening on");
        });
    }

    /** The port of its API. */
    int port() {
        return port;
    }

    /** What it printed. */
    String log() throws IOException {
        return Files.readString(log);
    }

    /** Stops it, and its database when that is left over. */
    @Override
    public void close() throws IOException, InterruptedException {
        Path pid = home.resolve("pg").resolve("data-18").resolve("postmaster.pid");
        long database = Files.exists(pid)
                ? Long.parseLong(Files.readAllLines(pid).getFirst().strip())
                : -1;
        process.destroy();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        ProcessHandle.of(database).ifPresent(ProcessHandle::destroy);
    }
}
